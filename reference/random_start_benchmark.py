"""Time to W R2 0.99 from a random start, in PyTorch, node-wise: what our gradient route is compared with.

Requires: torch==2.15, numpy. The model, loss, start and learning rates are those of the published
baseline experiment (Allier et al. 2026), with psi evaluated once a neuron instead of once an edge, which gives
the same loss and gradients.

    python reference/random_start_benchmark.py --neurons 1000 --frames 100000 --minutes 10 --threads 1
    cargo run --release -p neuroloom-models --example random_start -- 1000 100000 10 published

Run both on the same cores; each prints seconds, step and the squared correlation of W with the truth.
"""

import argparse
import time

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


class Model(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.weights = nn.Parameter(torch.randn(n, n).fill_diagonal_(0.0))
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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--neurons", type=int, default=1000)
    parser.add_argument("--frames", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(42)
    truth, frames = simulate(given.neurons, given.frames, 42)
    x = torch.from_numpy(frames)
    model = Model(given.neurons)
    networks = [*model.update.parameters(), *model.transfer.parameters()]
    optimiser = torch.optim.Adam(
        [
            {"params": [model.weights], "lr": 1e-3},
            {"params": networks, "lr": 5e-4},
            {"params": [model.embedding], "lr": 7.5e-4},
        ]
    )
    started, step = time.perf_counter(), 0
    while time.perf_counter() - started < 60 * given.minutes:
        k = torch.randint(0, given.frames - 6, (given.batch,))
        optimiser.zero_grad()
        loss = (model(x[k]) - (x[k + 1] - x[k]) / 0.01).norm() + given.batch * model.rest().norm()
        loss.backward()
        optimiser.step()
        step += 1
        if step % 500 == 0:
            found = model.weights.detach().numpy()
            r2 = np.corrcoef(found.ravel(), truth.ravel())[0, 1] ** 2
            seconds = time.perf_counter() - started
            print(f"{seconds:9.1f} s  step {step:7d}  loss {loss.item():9.3f}  W R2 {r2:.5f}", flush=True)
            if r2 >= 0.99:
                break


if __name__ == "__main__":
    main()
