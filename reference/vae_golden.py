# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.15.0", "numpy==2.3.5"]
# ///
"""Makes crates/nn/tests/golden/dyad.json: loss and gradients of the network on pairs and of the conditional
normalisation by PyTorch's automatic differentiation, in double precision.

    uv run reference/vae_golden.py

Inputs are multiples of 1/1024, which f32 holds exactly. Matrices are [in, out].
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F

OUT = Path(__file__).resolve().parent.parent / "crates/nn/tests/golden/dyad.json"
torch.manual_seed(11)
torch.set_default_dtype(torch.float64)
N, WIDTH, TABLES = 6, 16, [4, 3]


def coarse(*shape, scale=1.0):
    return ((scale * torch.randn(*shape) * 1024).round() / 1024).requires_grad_()


def gelu(x):
    return F.gelu(x, approximate="tanh")


def pairs():
    tables = [coarse(rows, WIDTH, scale=0.5) for rows in TABLES]
    weight, bias = coarse(WIDTH, WIDTH, scale=0.3), coarse(WIDTH, scale=0.3)
    out, out_bias = coarse(3, WIDTH, scale=0.3), coarse(3, scale=0.3)
    heads = coarse(N, 4 * WIDTH + 2)
    place = [((torch.rand(N, N) * (rows - 1)) * 1024).round() / 1024 for rows in TABLES]
    adjacency = torch.rand(N, N) < 0.4
    seen = torch.rand(N, N) < 0.8
    strength = torch.randint(1, 5, (N, N)).double()

    def ordered(i, j):
        u = heads[i, :WIDTH] + heads[j, WIDTH : 2 * WIDTH]
        for table, at in zip(tables, place):
            lower = at[i, j].floor().clamp(max=len(table) - 2).long()
            share = at[i, j] - lower
            u = u + (1 - share) * table[lower] + share * table[lower + 1]
        v = out @ gelu(gelu(u) @ weight + bias) + out_bias
        direct = heads[i, 2 * WIDTH : 3 * WIDTH] @ heads[j, 3 * WIDTH : 4 * WIDTH] / WIDTH**0.5
        return v[0] + direct + heads[i, -2] + heads[j, -1], v[1], v[2]

    states, strengths = torch.zeros(()), torch.zeros(())
    compatible, counts = [], []
    for i in range(N):
        for j in range(i + 1, N):
            (a, r, m), (b, s, k) = ordered(i, j), ordered(j, i)
            log = torch.log_softmax(torch.stack([torch.zeros(()), a, b, a + b + r + s]), 0)
            fits = [
                (not seen[i, j] or bool(adjacency[i, j]) == bool(state & 1))
                and (not seen[j, i] or bool(adjacency[j, i]) == bool(state & 2))
                for state in range(4)
            ]
            compatible.append(sum(1 << state for state in range(4) if fits[state]))
            if not all(fits):
                states = states - torch.logsumexp(log[torch.tensor(fits)], 0)
            both = []
            for direction, logit, x, y in ((0, m, i, j), (1, k, j, i)):
                count = strength[x, y] * float(adjacency[x, y] and seen[x, y])
                both.append(float(count))
                if count > 0:
                    strengths = strengths - F.logsigmoid(logit) - (count - 1) * F.logsigmoid(-logit)
            counts.append(both)
    parameters = [*tables, weight, bias, out, out_bias]
    gradients = torch.autograd.grad(0.75 * states + 0.5 * strengths, [*parameters, heads])
    flat = lambda tensors: torch.cat([x.detach().reshape(-1) for x in tensors]).tolist()
    return {
        "n": N,
        "tables": TABLES,
        "parameters": flat(parameters),
        "heads": flat([heads]),
        "places": torch.stack(place, 2).reshape(-1).tolist(),
        "compatible": compatible,
        "strengths": [x for both in counts for x in both],
        "loss": [float(states), float(strengths)],
        "parameter_gradients": flat(gradients[:-1]),
        "head_gradients": flat(gradients[-1:]),
    }


def normalisation():
    lengths = [2, 3]
    rows, scale, shift = coarse(5, WIDTH), coarse(2, WIDTH), coarse(2, WIDTH)
    of = torch.tensor([0, 0, 1, 1, 1])
    weights = coarse(5, WIDTH).detach()
    y = gelu(F.layer_norm(rows, (WIDTH,), eps=1e-5) * scale[of] + shift[of])
    gradients = torch.autograd.grad((y * weights).sum(), [rows, scale, shift])
    flat = lambda x: x.detach().reshape(-1).tolist()
    return {
        "lengths": lengths,
        "rows": flat(rows),
        "scale": flat(scale),
        "shift": flat(shift),
        "output_gradients": flat(weights),
        "outputs": flat(y),
        "row_gradients": flat(gradients[0]),
        "scale_gradients": flat(gradients[1]),
        "shift_gradients": flat(gradients[2]),
    }


OUT.write_text(json.dumps({"pairs": pairs(), "normalisation": normalisation()}) + "\n")
