# /// script
# requires-python = ">=3.11"
# dependencies = ["networkx==3.6.1", "numpy==2.3.5", "torch==2.15.0", "orbit-count==0.1.0"]
# ///
"""Makes what the descriptors of sets of circuits are tested with.

    uv run reference/set_descriptor_golden.py [POLYGRAPH_GIN_PY]

- crates/analysis/src/graph/comparison/random_gin.f32: the weights of the random graph network, drawn by PyTorch with
  seed 42 in the order of the PolyGraph benchmark: orthogonal weight, then uniform bias, map by map.
- crates/analysis/tests/golden/set_descriptors.json: orbit counts of 73 orbits by ORCA (package orbit-count) and the
  embedding of that network in double precision, on graphs from sparse to nearly complete.

With the path of polygraph/utils/descriptors/gin.py of polygraph-benchmark 1.1.0 (needs torch-geometric) the weights
are compared with those of that implementation, bit for bit, and so are its embeddings.
"""

import importlib.util
import json
import math
import sys
from pathlib import Path

import networkx as nx
import numpy as np
import orbit_count
import torch

WIDTH = 35
ROOT = Path(__file__).parent.parent / "crates/analysis"


def maps():
    """Weight and bias of the four linear maps."""
    generator = torch.Generator()
    generator.manual_seed(42)
    found = []
    for n_in in (1, WIDTH, WIDTH, WIDTH):
        weight, bias = torch.empty(WIDTH, n_in), torch.empty(WIDTH)
        torch.nn.init.orthogonal_(weight, generator=generator)
        bound = 1 / math.sqrt(n_in)
        torch.nn.init.uniform_(bias, -bound, bound, generator=generator)
        found.append((weight, bias))
    return found


def embedding(graph, weights):
    """Sums over nodes of two hidden layers; the input is the doubled degree, batch normalisation that of no training."""
    adjacency = torch.from_numpy(nx.to_numpy_array(graph))
    hidden = 2 * adjacency.sum(1, keepdim=True)
    scale = 1 / math.sqrt(1 + 1e-5)
    features = []
    for first, second in (weights[:2], weights[2:]):
        hidden = hidden + adjacency @ hidden
        hidden = torch.relu(scale * (hidden @ first[0].double().T + first[1].double()))
        hidden = torch.relu(scale * scale * (hidden @ second[0].double().T + second[1].double()))
        features.append(hidden.sum(0))
    return torch.cat(features).tolist()


def compare(path, weights, graphs):
    spec = importlib.util.spec_from_file_location("gin", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["gin"] = module
    spec.loader.exec_module(module)
    network = module.GIN(num_layers=3, num_mlp_layers=2, input_dim=1, hidden_dim=WIDTH, graph_pooling_type="sum",
                         neighbor_pooling_type="sum", init="orthogonal", seed=42, output_dim=1).eval()
    theirs = [layer.apply_func.mlp.linears[k] for layer in network.ginlayers for k in (0, 1)]
    for (weight, bias), linear in zip(weights, theirs):
        assert torch.equal(weight, linear.weight.detach()) and torch.equal(bias, linear.bias.detach())
    for graph in graphs:
        edges = torch.tensor([*graph.edges(), *[(b, a) for a, b in graph.edges()]]).T
        degree = torch.tensor([[2.0 * k] for _, k in sorted(graph.degree())])
        features = network.get_graph_embed(degree, edges, torch.zeros(len(graph), dtype=torch.long))[0]
        assert np.allclose(features.numpy(), embedding(graph, weights), rtol=1e-4, atol=1e-3)
    print("weights equal to", path, "and embeddings to single precision")


def main():
    weights = maps()
    numbers = np.concatenate([part.numpy().ravel() for one in weights for part in one])
    (ROOT / "src/graph/comparison/random_gin.f32").write_bytes(numbers.astype("<f4").tobytes())
    sizes = [(20, 0.12), (30, 0.2), (16, 0.5), (12, 0.85), (70, 0.08)]
    graphs = [nx.gnp_random_graph(n, p, seed=seed) for seed, (n, p) in enumerate(sizes)]
    golden = [
        {
            "n": len(graph),
            "edges": list(graph.edges()),
            "orbits": np.asarray(orbit_count.node_orbit_counts(graph, graphlet_size=5)).tolist(),
            "random_gin": embedding(graph, weights),
        }
        for graph in graphs
    ]
    (ROOT / "tests/golden/set_descriptors.json").write_text(json.dumps(golden) + "\n")
    if len(sys.argv) > 1:
        compare(sys.argv[1], weights, graphs)


if __name__ == "__main__":
    main()
