# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.15.0", "numpy==2.3.5"]
# ///
"""Makes crates/nn/tests/golden/*.json: what PyTorch says, in double precision.

    uv run reference/nn_golden.py      (or: pip install the two above, then python)

Inputs are multiples of 1/1024, which f32 holds exactly. Weights are stored as [in, out], the order of
`NodeMlp`; PyTorch's own order is [out, in].
"""

import json
from pathlib import Path

import torch
from torch import nn

OUT = Path(__file__).resolve().parent.parent / "crates/nn/tests/golden"
torch.manual_seed(7)
torch.set_default_dtype(torch.float64)


class Sine(nn.Module):
    def __init__(self, omega):
        super().__init__()
        self.omega = omega

    def forward(self, x):
        return torch.sin(self.omega * x)


UNITS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sine": lambda: Sine(30.0)}


def coarse(tensor):
    return (tensor * 1024).round() / 1024


def mlp(widths, activation):
    layers = []
    for n_in, n_out in zip(widths, widths[1:]):
        layers += [nn.Linear(n_in, n_out), UNITS[activation]()]
    model = nn.Sequential(*layers[:-1])
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(coarse(parameter))
    return model


def flat(model, of=lambda parameter: parameter):
    """Parameters in the order of NodeMlp."""
    return torch.cat([of(p).T.reshape(-1) if p.dim() == 2 else of(p) for p in model.parameters()])


def write(name, content):
    plain = lambda x: x.detach().reshape(-1).tolist() if isinstance(x, torch.Tensor) else x
    deep = lambda x: [deep(y) for y in x] if isinstance(x, list) else (
        {k: deep(v) for k, v in x.items()} if isinstance(x, dict) else plain(x))
    (OUT / f"{name}.json").write_text(json.dumps(deep(content)) + "\n")


def mlps():
    cases = []
    for activation, widths in [("relu", [3, 20, 20, 1]), ("tanh", [1, 33, 2]), ("sine", [3, 16, 16, 1])]:
        model = mlp(widths, activation)
        inputs = coarse(torch.randn(9, widths[0])).requires_grad_()
        outputs = model(inputs)
        output_gradients = coarse(torch.randn_like(outputs))
        (outputs * output_gradients).sum().backward()
        cases.append({
            "activation": activation, "widths": widths, "parameters": flat(model), "inputs": inputs,
            "outputs": outputs, "output_gradients": output_gradients, "input_gradients": inputs.grad,
            "parameter_gradients": flat(model, lambda parameter: parameter.grad),
        })
    write("mlp", cases)


def adams():
    """Ten steps of Adam (with and without decay) and AdamW on given gradients."""
    start, gradients = coarse(torch.randn(21)), coarse(torch.randn(10, 21))
    cases = []
    for decay, make in [
        ("none", lambda p: torch.optim.Adam(p, lr=0.01)),
        ("gradient", lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.8, 0.99), weight_decay=0.5)),
        ("decoupled", lambda p: torch.optim.AdamW(p, lr=0.01, eps=1e-4, weight_decay=0.5)),
    ]:
        parameter = nn.Parameter(start.clone())
        adam = make([parameter])
        for gradient in gradients:
            parameter.grad = gradient.clone()
            adam.step()
        cases.append({"decay": decay, "end": parameter})
    write("adam", {"start": start, "gradients": gradients, "cases": cases})


def training():
    """Five whole steps of the mechanism model: losses and what became of all parameters."""
    n, batch = 13, 4
    psi, phi = mlp([1, 20, 20, 1], "relu"), mlp([3, 20, 20, 1], "relu")
    weights = coarse(torch.randn(n, n) * 0.3).fill_diagonal_(0)
    embedding = coarse(1 + 0.1 * torch.randn(n, 2))
    activity, targets = coarse(3 * torch.randn(batch, n)), coarse(3 * torch.randn(batch, n))
    start = {"weights": weights.clone(), "embedding": embedding.clone(), "psi": flat(psi).clone(),
             "phi": flat(phi).clone()}
    weights, embedding = nn.Parameter(weights), nn.Parameter(embedding)
    adam = torch.optim.Adam([
        {"params": [weights], "lr": 1e-3}, {"params": [*psi.parameters(), *phi.parameters()], "lr": 5e-4},
        {"params": [embedding], "lr": 7.5e-4},
    ])
    losses = []
    for _ in range(5):
        adam.zero_grad()
        messages = psi(activity.reshape(-1, 1)).reshape(batch, n) @ (weights * (1 - torch.eye(n))).T
        update = phi(torch.cat([activity.reshape(-1, 1), embedding.repeat(batch, 1)], 1)).reshape(batch, n)
        rest = phi(torch.cat([torch.zeros(n, 1), embedding], 1))
        loss = (update + messages - targets).norm() + batch * rest.norm()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    write("training", {
        "n": n, "widths": [20, 20], "activity": activity, "targets": targets, "start": start, "losses": losses,
        "end": {"weights": weights, "embedding": embedding, "psi": flat(psi), "phi": flat(phi)},
    })


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    mlps()
    adams()
    training()
