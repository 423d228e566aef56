# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.15.0", "numpy==2.3.5"]
# ///
"""One training step of the mechanism model: PyTorch eager and torch.compile against our kernels, in turns.

    cargo build --release -p neuroloom-nn --example training_step
    uv run reference/training_step_benchmark.py target/release/examples/training_step [--threads 1] [--rounds 5]

and with the same model as a Burn graph, on our kernels (`burn`) or of plain Burn operations (`plain_burn`):

    cargo build --release -p neuroloom-nn --features burn --example burn_step
    uv run reference/training_step_benchmark.py target/release/examples/training_step \\
        --burn target/release/examples/burn_step

The model is the same on both sides and node-wise on both (psi once a neuron, then a matrix product; the released
code of Allier et al. 2026 evaluates psi once an edge and is some hundred times slower): psi 1-64-64-1, phi
3-64-64-1, embeddings [N, 2], W dense with a zero diagonal, loss |prediction - target| + B |phi(0, a)|, Adam with
a step size per group. Every program runs a few steps, then the next one does, round after round. `ms` is the fastest step over all
rounds; `cpu_ms` is the processor time a step of the cheapest round, which also holds on a busy machine, where a
short step may slip between two interruptions and a long one cannot. The ratios are of both kinds. Memory is the peak resident set of a
process that ran only this program (for PyTorch: a child of this script, import of torch included).
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path


class Ours:
    """The Rust program, asked over a pipe."""

    def __init__(self, program, n, batch, activation, threads, *more):
        environment = {**os.environ, "RAYON_NUM_THREADS": str(threads)}
        self.process = subprocess.Popen([program, str(n), str(batch), activation, *more], text=True,
                                        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, question):
        self.process.stdin.write(f"{question}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def cpu_seconds(self):
        """Processor time of all threads so far."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) * 1e-9

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Torch(Ours):
    """This script again, as a program with the same questions and answers."""

    def __init__(self, mode, n, batch, activation, threads):
        command = [sys.executable, __file__, "--serve", mode, str(n), str(batch), activation, str(threads)]
        self.process = subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def serve(mode, n, batch, activation, threads):
    import torch
    from torch import nn

    torch.set_num_threads(int(threads))
    n, batch = int(n), int(batch)
    torch.manual_seed(0)
    rows = n * batch
    unit = nn.Tanh if activation == "tanh" else nn.ReLU
    mlp = lambda n_in: nn.Sequential(nn.Linear(n_in, 64), unit(), nn.Linear(64, 64), unit(), nn.Linear(64, 1))
    psi, phi = mlp(1), mlp(3)
    weights = nn.Parameter((torch.rand(n, n) - 0.5) * 0.6)
    embedding = nn.Parameter(torch.ones(n, 2))
    activity = (torch.rand(batch, n) - 0.5) * 26
    targets = (torch.rand(batch, n) - 0.5) * 26
    adam = torch.optim.Adam([
        {"params": [weights], "lr": 1e-3}, {"params": [*psi.parameters(), *phi.parameters()], "lr": 5e-4},
        {"params": [embedding], "lr": 7.5e-4},
    ])

    def loss_of(activity, targets):
        senders = psi(activity.reshape(rows, 1)).reshape(batch, n)
        messages = senders @ weights.T
        inputs = torch.cat([activity.reshape(rows, 1), embedding.repeat(batch, 1)], 1)
        update = phi(inputs).reshape(batch, n)
        rest = phi(torch.cat([torch.zeros(n, 1), embedding], 1))
        return (update + messages - targets).norm() + batch * rest.norm()

    if mode == "compile":
        loss_of = torch.compile(loss_of)
    last = float("nan")
    for line in sys.stdin:
        question = line.strip()
        if question == "memory":
            answer = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        elif question == "loss":
            answer = last
        else:
            answer = float("inf")
            for _ in range(int(question)):
                start = time.perf_counter()
                adam.zero_grad(set_to_none=True)
                loss = loss_of(activity, targets)
                loss.backward()
                adam.step()
                with torch.no_grad():
                    weights.fill_diagonal_(0)  # cheaper than the mask product of the released code
                answer = min(answer, time.perf_counter() - start)
                last = loss.item()
        print(answer, flush=True)


def compare(programs, n, batch, activation, threads, rounds):
    program, burn, plain = programs
    sides = {"ours": Ours(program, n, batch, activation, threads)}
    if burn:
        sides["burn"] = Ours(burn, n, batch, activation, threads, "fused")
    if plain:
        sides["plain_burn"] = Ours(burn, n, batch, activation, threads, "composed")
    for mode in ("eager", "compile"):
        sides[mode] = Torch(mode, n, batch, activation, threads)
    warm_up, steps = (1, 2) if n > 2000 else (3, 10)
    fastest, cheapest = {}, {}
    for name, side in sides.items():
        side.ask(warm_up)
    for _ in range(rounds):
        for name, side in sides.items():
            before = side.cpu_seconds()
            fastest[name] = min(fastest.get(name, float("inf")), side.ask(steps))
            cheapest[name] = min(cheapest.get(name, float("inf")), (side.cpu_seconds() - before) / steps)
    result = {"n": n, "batch": batch, "activation": activation, "threads": threads}
    for name, side in sides.items():
        result[name] = {"ms": round(1000 * fastest[name], 2), "cpu_ms": round(1000 * cheapest[name], 2),
                        "mb": round(side.ask("memory"))}
        side.close()
    for name in ("eager", "compile"):
        result[f"times_{name}"] = round(fastest[name] / fastest["ours"], 2)
        result[f"times_{name}_cpu"] = round(cheapest[name] / cheapest["ours"], 2)
        for other in [other for other in ("burn", "plain_burn") if other in sides]:
            result[f"{other}_times_{name}"] = round(fastest[name] / fastest[other], 2)
            result[f"{other}_times_{name}_cpu"] = round(cheapest[name] / cheapest[other], 2)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the built example training_step")
    parser.add_argument("--burn", help="the built example burn_step")
    parser.add_argument("--plain-burn", action="store_true", help="the same program without our kernels as well")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--n", type=int, nargs="*", default=[1000])
    parser.add_argument("--batch", type=int, nargs="*", default=[8, 64])
    parser.add_argument("--activation", nargs="*", default=["relu", "tanh"])
    given = parser.parse_args()
    programs = (given.program, given.burn, given.burn if given.plain_burn else None)
    for n in given.n:
        for activation in given.activation:
            for batch in given.batch:
                result = compare(programs, n, batch, activation, given.threads, given.rounds)
                print(json.dumps(result), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(*sys.argv[2:])
    else:
        main()
