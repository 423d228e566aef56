# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.15.0", "numpy==2.3.5"]
# ///
"""Training steps of the model of circuits: ours against the same layers in PyTorch, interleaved in one run.

    cargo build --release -p neuroloom-models --example circuit_vae_step
    python reference/vae_benchmark.py target/release/examples/circuit_vae_step

Both train form B on 100 neurons a circuit, batches of 8 (the default of `train circuits`; --batch for others, at most
32), width 64, pair width 32, rank 16, 32 latent numbers, 5 tables of pair features, message passing over edges, four-state
likelihood, AdamW. PyTorch works on whole batches of equal circuits (no padding, no ragged lists: the most favourable case
for it), with index_select for the tables and dense normalised adjacency for messages. Prints seconds a step (the least of
all rounds), their ratio, and peak memory.
"""

import argparse
import resource
import subprocess
import sys
import time

N, TYPES, WIDTH, PAIR, RANK, LATENT = 100, 12, 64, 32, 16, 32
TABLES = [32, 32, 32, 16, 16]


def theirs(steps):
    import torch
    from torch import nn
    import torch.nn.functional as F

    torch.set_num_threads(THREADS)
    torch.manual_seed(1)
    gelu = lambda x: F.gelu(x, approximate="tanh")

    class Norm(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale, self.shift = nn.Parameter(torch.ones(WIDTH)), nn.Parameter(torch.zeros(WIDTH))

        def forward(self, x, film=None):
            scale, shift = self.scale, self.shift
            if film is not None:
                scale, shift = scale + film[:, None, :WIDTH], shift + film[:, None, WIDTH:]
            return gelu(F.layer_norm(x, (WIDTH,)) * scale + shift)

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.type_e, self.type_d = nn.Embedding(TYPES, WIDTH), nn.Embedding(TYPES, WIDTH)
            self.enc_in, self.enc_norm = nn.Linear(36, WIDTH), Norm()
            self.enc = nn.ModuleList([nn.Linear(3 * WIDTH, WIDTH) for _ in range(3)])
            self.enc_norms = nn.ModuleList([Norm() for _ in range(3)])
            self.product = nn.Linear(WIDTH, 2 * WIDTH)
            self.code = nn.Sequential(nn.Linear(3 * WIDTH + 1, 2 * WIDTH), nn.GELU("tanh"), nn.Linear(2 * WIDTH, 2 * LATENT))
            self.dec_in, self.dec_norm = nn.Linear(31, WIDTH), Norm()
            self.film = nn.Sequential(nn.Linear(LATENT + WIDTH + 1, 2 * WIDTH), nn.GELU("tanh"), nn.Linear(2 * WIDTH, 4 * WIDTH))
            self.dec = nn.ModuleList([nn.Linear(WIDTH, WIDTH) for _ in range(2)])
            self.dec_norms = nn.ModuleList([Norm() for _ in range(2)])
            self.heads = nn.Linear(WIDTH, 2 * (PAIR + RANK) + 2)
            self.field = nn.Linear(WIDTH, 2 * LATENT)
            self.tables = nn.ParameterList([nn.Parameter(0.2 * torch.randn(rows, PAIR)) for rows in TABLES])
            self.second, self.out = nn.Linear(PAIR, PAIR), nn.Linear(PAIR, 3)

        def forward(self, kind, place, degree, to, back, lower, share, first, other, state):
            h = self.enc_norm(self.type_e(kind) + self.enc_in(torch.cat([place, degree], 2)))
            for layer, norm in zip(self.enc, self.enc_norms):
                h = h + norm(layer(torch.cat([h, to @ h, back @ h], 2)))
            a, b = self.product(h).chunk(2, 2)
            size = torch.zeros(len(h), 1)
            pooled = torch.cat([h.mean(1), h.amax(1), (a * b).mean(1), size], 1)
            mean, log_variance = self.code(pooled).chunk(2, 1)
            log_variance = log_variance.clamp(-8, 4)
            z = mean + (0.5 * log_variance).exp() * torch.randn_like(mean)
            kl = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum()
            g1 = self.dec_norm(self.type_d(kind) + self.dec_in(place))
            film = self.film(torch.cat([z, g1.mean(1), size], 1)).chunk(2, 1)
            g = g1
            for layer, norm, own in zip(self.dec, self.dec_norms, film):
                g = g + norm(layer(g), own)
            heads = self.heads(g)
            tendency = torch.einsum("bnsk,bk->bns", self.field(g1).view(len(g), N, 2, LATENT), z)
            p, q, query, key, bias = heads.split([PAIR, PAIR, RANK, RANK, 2], 2)
            bias = bias + tendency

            def ordered(i, j, side):
                u = p[:, i] + q[:, j]
                for table, rows, low, up in zip(self.tables, TABLES, lower[side], share[side]):
                    u = u + (1 - up)[..., None] * table[low] + up[..., None] * table[low + 1]
                v = self.out(gelu(self.second(gelu(u))))
                direct = (query[:, i] * key[:, j]).sum(2) / RANK**0.5 + bias[:, i, 0] + bias[:, j, 1]
                return v[..., 0] + direct, v[..., 1]

            (there, r), (again, s) = ordered(first, other, 0), ordered(other, first, 1)
            logits = torch.stack([torch.zeros_like(there), there, again, there + again + r + s], 2)
            nll = F.cross_entropy(logits.reshape(-1, 4), state.reshape(-1), reduction="sum")
            return (nll + kl) / (len(h) * N * (N - 1))

    model = Model()
    optimiser = torch.optim.AdamW(model.parameters(), 1e-3, weight_decay=1e-4)
    first, other = torch.triu_indices(N, N, 1)
    adjacency = (torch.rand(BATCH, N, N) < 0.06).float() * (1 - torch.eye(N))
    to = adjacency / adjacency.sum(2, keepdim=True).clamp(min=1)
    back = adjacency.transpose(1, 2) / adjacency.sum(1)[..., None].clamp(min=1)
    state = (adjacency[:, first, other] + 2 * adjacency[:, other, first]).long()
    kind = torch.randint(TYPES, (BATCH, N))
    place, degree = torch.randn(BATCH, N, 31), torch.randn(BATCH, N, 5)
    pairs = len(first)
    lower = [[torch.randint(rows - 1, (BATCH, pairs)) for rows in TABLES] for _ in range(2)]
    share = [[torch.rand(BATCH, pairs) for _ in TABLES] for _ in range(2)]
    started = None
    for step in range(steps + 1):
        if step == 1:  # the first step allocates
            started = time.perf_counter()
        optimiser.zero_grad()
        model(kind, place, degree, to, back, lower, share, first, other, state).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
    seconds = (time.perf_counter() - started) / steps
    print(f"{seconds:.5f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.1f}")


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("program", nargs="?", help="our example program")
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--steps", type=int, default=6)
parser.add_argument("--batch", type=int, default=8)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--theirs", action="store_true", help="run the PyTorch side only")
options = parser.parse_args()
THREADS, BATCH = options.threads, options.batch
if options.theirs:
    theirs(options.steps)
    sys.exit()

import os

environment = {**os.environ, "RAYON_NUM_THREADS": str(THREADS), "OMP_NUM_THREADS": str(THREADS)}
ours = [options.program, str(BATCH), str(N), str(options.steps + 1)]  # the first step is not counted
pytorch = [sys.executable, __file__, "--theirs", "--steps", str(options.steps), "--threads", str(THREADS), "--batch", str(BATCH)]
results = {"ours": [], "pytorch": []}
for _ in range(options.rounds):
    for name, command in (("ours", ours), ("pytorch", pytorch)):
        out = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
        results[name].append([float(x) for x in out.split()])
least = {name: min(seconds for seconds, _ in rounds) for name, rounds in results.items()}
memory = {name: max(megabytes for _, megabytes in rounds) for name, rounds in results.items()}
for name in results:
    print(f"{name:8} {least[name] * 1000:8.1f} ms a step   {memory[name]:7.1f} MB")
print(f"ratio    {least['pytorch'] / least['ours']:8.2f} times    {memory['pytorch'] / memory['ours']:7.1f} times")
