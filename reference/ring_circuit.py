# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.3.5"]
# ///
"""A circuit wired as a ring: W[post, pre] of neurons in shuffled order, and the angle that each has.

    uv run reference/ring_circuit.py --neurons 100 --out ring
    neuroloom simulate --preset noise --weights ring/weights.npz --frames 20000 --noise 0.5 --out ring/sim
    neuroloom infer ring/sim/activity.zarr --truth ring/sim/truth.npz --out ring/fit
    neuroloom extract ring/fit --points both --truth ring/angles.csv --out ring/read

Neighbours on the ring excite each other, neurons farther apart inhibit each other, and every synapse has a strength of
its own: log-normal with a spread of --spread. Nothing in the order of the neurons tells the angle.
"""

import argparse
from pathlib import Path

import numpy as np


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--neurons", type=int, default=100)
    parser.add_argument("--spread", type=float, default=0.5)
    parser.add_argument("--strength", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    n = arguments.neurons
    turn = rng.permutation(n) / n
    apart = np.abs(turn[:, None] - turn)
    apart = np.minimum(apart, 1 - apart)
    profile = 1.5 * np.exp(-((apart / 0.08) ** 2)) - 0.5 * np.exp(-((apart / 0.2) ** 2))
    weights = profile * rng.lognormal(0, arguments.spread, (n, n)) * arguments.strength / n
    np.fill_diagonal(weights, 0)
    arguments.out.mkdir(parents=True, exist_ok=True)
    np.savez(arguments.out / "weights.npz", weight_matrix=weights)
    rows = "".join(f"{neuron},{angle:.6f}\n" for neuron, angle in enumerate(turn))
    (arguments.out / "angles.csv").write_text("neuron,angle_turn\n" + rows)


if __name__ == "__main__":
    main()
