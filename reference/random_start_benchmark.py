"""Time to W R2 0.99 from a random start: PyTorch (node-wise) against our gradient route, on the same recording.

Requires: torch==2.15, numpy. The model, loss, start and learning rates of PyTorch are those of the published
baseline experiment (Allier et al. 2026), with psi evaluated once a neuron instead of once an edge, which gives
the same loss and gradients. Both sides run twice: by the published recipe (`published`, `torch`), and by that of
our example (`ours`, `torch-ours`: batches of 32, smaller first weights, larger rates that fall along a cosine).

    cargo build --release -p neuroloom-models --example random_start
    python reference/random_start_benchmark.py target/release/examples/random_start --neurons 1000 --frames 100000 \\
        --minutes 60 --threads 1

One after the other on the same cores; each prints seconds, processor seconds (which also hold on a busy machine),
step and the squared correlation of W with the truth, and ends at 0.99 or after `--minutes`.
"""

import argparse
import os
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn


def simulate(n, n_frames, seed):
    """The baseline of the paper: Cauchy weights, four types, Euler steps of 0.01, 1000 frames of burn-in."""
    rng = np.random.default_rng(seed)
    weights = rng.standard_cauchy((n, n))
    weights[np.abs(weights) > 25] = 0.0
    weights = (weights / n**0.7).astype(np.float32)
    np.fill_diagonal(weights, 0.0)
    kind = np.minimum(np.arange(n) // (n // 4), 3)
    couple = np.array([1, 2, 1, 2], np.float32)[kind]
    decay = np.array([1, 1, 2, 2], np.float32)[kind]
    x = (5 * rng.standard_normal(n)).astype(np.float32)
    frames = np.empty((n_frames + 1, n), np.float32)
    for step in range(-1000, n_frames + 1):
        if step >= 0:
            frames[step] = x
        bent = np.tanh(x)
        x = x + np.float32(0.01) * (-decay * x + couple * bent + 10 * (weights @ bent))
    return weights, frames


def network(inputs, width=64):
    layers = nn.Sequential(
        nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 1)
    )
    for layer in (layers[2], layers[4]):
        nn.init.normal_(layer.weight, std=0.1)
        nn.init.zeros_(layer.bias)
    return layers


class Recipe:
    """Batch, step sizes of W, functions and embeddings, first W (None: 1 / sqrt(N)), steps of the cosine (0: none)."""

    def __init__(self, batch, rates, spread, steps):
        self.batch, self.rates, self.spread, self.steps = batch, rates, spread, steps


PUBLISHED = Recipe(8, (1e-3, 5e-4, 7.5e-4), 1.0, 0)
# `ours()` of crates/models/examples/random_start.rs.
OURS = Recipe(32, (1e-2, 2e-3, 3e-3), None, 10_000)


class Model(nn.Module):
    def __init__(self, n, spread):
        super().__init__()
        self.weights = nn.Parameter(spread * torch.randn(n, n).fill_diagonal_(0.0))
        self.register_buffer("mask", 1.0 - torch.eye(n))
        self.embedding = nn.Parameter(torch.ones(n, 2))
        self.update, self.transfer = network(3), network(1)

    def forward(self, x):
        own = self.embedding.expand(x.shape[0], -1, -1)
        phi = self.update(torch.cat([x[..., None], own], -1))[..., 0]
        psi = self.transfer(x[..., None])[..., 0]
        return phi + psi @ (self.weights * self.mask).T

    def rest(self):
        return self.update(torch.cat([torch.zeros(len(self.embedding), 1), self.embedding], -1))


def cosine(step, steps):
    """From 1 to a hundredth in so many steps; 1 without them."""
    return 1.0 if steps == 0 else 0.01 + 0.99 * (1 + np.cos(np.pi * min(step / steps, 1.0))) / 2


def by_torch(given, truth, frames, recipe):
    """Yields (seconds, processor seconds, step, R2)."""
    torch.set_num_threads(given.threads)
    torch.manual_seed(42)
    x = torch.from_numpy(frames)
    model = Model(given.neurons, recipe.spread or given.neurons**-0.5)
    networks = [*model.update.parameters(), *model.transfer.parameters()]
    optimiser = torch.optim.Adam(
        [
            {"params": parameters, "lr": rate}
            for parameters, rate in zip([[model.weights], networks, [model.embedding]], recipe.rates)
        ]
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: cosine(step, recipe.steps))
    started, processor, step = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - started < 60 * given.minutes:
        k = torch.randint(0, given.frames - 6, (recipe.batch,))
        optimiser.zero_grad()
        loss = (model(x[k]) - (x[k + 1] - x[k]) / 0.01).norm() + recipe.batch * model.rest().norm()
        loss.backward()
        optimiser.step()
        schedule.step()
        step += 1
        if step % 500 == 0:
            found = model.weights.detach().numpy()
            r2 = np.corrcoef(found.ravel(), truth.ravel())[0, 1] ** 2
            yield time.perf_counter() - started, time.process_time() - processor, step, r2


def by_ours(given, truth, frames, recipe):
    """The same lines from the Rust program."""
    with tempfile.TemporaryDirectory() as folder:
        frames.astype("<f4").tofile(Path(folder) / "frames.f32")
        truth.astype("<f4").tofile(Path(folder) / "weights.f32")
        command = [given.program, folder, str(given.neurons), str(given.minutes), recipe]
        environment = {**os.environ, "RAYON_NUM_THREADS": str(given.threads)}
        process = subprocess.Popen(command, text=True, env=environment, stdout=subprocess.PIPE)
        for line in process.stdout:
            yield tuple(float(word) for word in line.split())
        if process.wait() != 0:
            raise SystemExit(f"{command} failed")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the built example random_start")
    parser.add_argument("--neurons", type=int, default=1000)
    parser.add_argument("--frames", type=int, default=100_000)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--sides", nargs="*", default=["published", "torch", "ours", "torch-ours"])
    given = parser.parse_args()
    truth, frames = simulate(given.neurons, given.frames, 42)
    for side in given.sides:
        if side.startswith("torch"):
            points = by_torch(given, truth, frames, OURS if side == "torch-ours" else PUBLISHED)
        else:
            points = by_ours(given, truth, frames, side)
        last = None
        for seconds, processor, step, r2 in points:
            last = f"{side:10} {seconds:8.1f} s  {processor:8.1f} s of processor  step {int(step):7d}  W R2 {r2:.5f}"
            if int(step) % (1000 if "ours" in side else 5000) == 0:
                print(last, flush=True)
            if r2 >= 0.99:
                break
        print(f"{side:10} ended: {last}", flush=True)


if __name__ == "__main__":
    main()
