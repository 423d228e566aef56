# /// script
# requires-python = ">=3.11"
# dependencies = ["networkx==3.6.1", "igraph==1.0.0", "numpy==2.3.5", "scipy==1.17.1"]
# ///
"""Makes crates/analysis/tests/golden/graphs.json (fifty random graphs) and crates/neuroloom/tests/golden/real_graphs.json
(ten real ones): what networkx, igraph, numpy and scipy say.

    uv run reference/graph_golden.py ../shared/data      (or: pip install the four above, then python)

Where networkx and igraph both know a number they must agree here first. Lists over neurons are stored as two sums with
fixed weights, `sum x_i ((7919 i) mod 101) / 101` and `sum x_i ((104729 i) mod 97) / 97`. Of the real graphs only the
numbers are stored; the tests read the edges where they are.
"""

import csv
import gzip
import json
import sys
from pathlib import Path

import igraph
import networkx as nx
import numpy as np
from scipy.stats import ks_2samp

ROOT = Path(__file__).resolve().parent.parent
REAL = [
    ("worm_cook2019_hermaphrodite", "chemical"),
    ("worm_cook2019_hermaphrodite", "electrical"),
    ("worm_witvliet2021_development/stage1", "chemical"),
    ("worm_witvliet2021_development/stage2", "chemical"),
    ("worm_witvliet2021_development/stage4", "chemical"),
    ("worm_witvliet2021_development/stage6", "chemical"),
    ("fly_compass_hemibrain", None),
    ("fly_larva_motor_circuit_zarin2019", None),
    ("mouse_v1_l23_microns_phase1", None),
    ("zebrafish_oculomotor_vishwanathan2024", None),
]


def sums(values):
    values = np.asarray(values, dtype=float)
    index = np.arange(len(values))
    return [float(values @ ((7919 * index) % 101 / 101)), float(values @ ((104729 * index) % 97 / 97))]


def of_neurons(by_neuron):
    return [by_neuron[i] for i in range(len(by_neuron))]


def gini(values):
    """By definition: mean absolute difference of two values over twice the mean."""
    values = np.asarray(values, dtype=float)
    return float(np.abs(values[:, None] - values[None, :]).mean() / (2 * values.mean()))


def agree(first, second):
    np.testing.assert_allclose(first, second, rtol=1e-9, atol=1e-12)


def moduli(graph):
    """Eigenvalue moduli, one strongly connected component at a time: the blocks in between make the whole matrix
    defective and its computed eigenvalues worthless."""
    found = []
    for part in nx.strongly_connected_components(graph):
        matrix = nx.to_numpy_array(graph.subgraph(part), weight=None)
        found += list(np.abs(np.linalg.eigvals(matrix)))
    return np.sort(found)[::-1]


def finite(value):
    return float(value) if np.isfinite(value) else None


def correlation(graph, x, y):
    """networkx hands this to numpy, which is NaN where a degree does not vary."""
    degree = {"out": graph.out_degree, "in": graph.in_degree}
    pairs = np.array([(degree[x][a], degree[y][b]) for a, b in graph.edges])
    if pairs[:, 0].std() == 0 or pairs[:, 1].std() == 0:
        return None
    value = np.corrcoef(pairs.T)[0, 1]
    agree(value, nx.degree_pearson_correlation_coefficient(graph, x=x, y=y))
    return float(value)


def paths(graph):
    n = len(graph)
    lengths = [d for _, row in nx.all_pairs_shortest_path_length(graph) for d in row.values() if d > 0]
    return {
        "path_length": float(np.mean(lengths)),
        "global_efficiency": float(np.sum(1 / np.array(lengths)) / (n * (n - 1))),
        "reachable": len(lengths) / (n * (n - 1)),
    }


def numbers(n, edges):
    graph = nx.DiGraph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from((a, b) for a, b in edges if a != b)
    joined = graph.to_undirected()
    other = igraph.Graph(n=n, edges=list(graph.edges), directed=True)
    between = of_neurons(nx.betweenness_centrality(graph))
    agree(between, np.array(other.betweenness()) / ((n - 1) * (n - 2)))
    census = nx.triadic_census(graph)
    theirs = other.triad_census()
    for name, count in census.items():
        assert count == getattr(theirs, "t" + name), name
    agree(nx.overall_reciprocity(graph), other.reciprocity())
    agree(nx.transitivity(joined), other.as_undirected().transitivity_undirected())
    strong = max(nx.strongly_connected_components(graph), key=len)
    weak = joined.subgraph(max(nx.connected_components(joined), key=len))
    groups = [{i for i in range(n) if i % 4 == k} for k in range(4)]
    eigenvalues = moduli(graph)
    matrix = nx.to_numpy_array(graph, weight=None)
    laplacian = np.linalg.eigvalsh(nx.normalized_laplacian_matrix(joined, nodelist=range(n)).toarray())
    commutator = matrix.T @ matrix - matrix @ matrix.T
    out, into = [dict(graph.out_degree), dict(graph.in_degree)]
    out, into = [[degree[i] for i in range(n)] for degree in (out, into)]
    common = matrix + matrix.T > 0
    shared = (common.astype(int) @ common.astype(int))[np.triu_indices(n, 1)]
    is_joined = common[np.triu_indices(n, 1)]
    return {
        "density": nx.density(graph),
        "gini_out": gini(out), "gini_in": gini(into),
        "in_out_correlation": finite(np.corrcoef(out, into)[0, 1]),
        "assortativity_out_in": correlation(graph, "out", "in"),
        "assortativity_out_out": correlation(graph, "out", "out"),
        "assortativity_in_in": correlation(graph, "in", "in"),
        "assortativity_in_out": correlation(graph, "in", "out"),
        "reciprocity": nx.overall_reciprocity(graph),
        "clustering": nx.average_clustering(joined),
        "clustering_directed": nx.average_clustering(graph),
        "transitivity": nx.transitivity(joined),
        "common_neighbour_bias": float(shared[is_joined].mean() / shared.mean()),
        **paths(graph),
        "path_length_undirected": nx.average_shortest_path_length(weak),
        "diameter_undirected": nx.diameter(weak),
        "path_length_largest_strong": nx.average_shortest_path_length(graph.subgraph(strong)) if len(strong) > 1 else None,
        "n_weak_components": nx.number_weakly_connected_components(graph),
        "largest_weak_component": len(weak),
        "n_strong_components": nx.number_strongly_connected_components(graph),
        "largest_strong_component": len(strong),
        "betweenness_max": max(between),
        "betweenness_gini": gini(between) if max(between) > 0 else None,
        "closeness_mean": float(np.mean(list(nx.closeness_centrality(graph).values()))),
        "deepest_core": max(nx.core_number(joined).values()),
        "modularity_of_four_groups": nx.community.modularity(graph, groups, weight=None),
        "best_modularity_of_networkx": max(
            nx.community.modularity(graph, nx.community.louvain_communities(graph, seed=seed, weight=None), weight=None)
            for seed in range(10)
        ),
        "spectral_radius": float(eigenvalues[0]),
        "spectral_gap": float(eigenvalues[0] - eigenvalues[1]),
        "henrici": float(np.sqrt(max((matrix**2).sum() - (eigenvalues**2).sum(), 0))),
        "commutator": float(np.linalg.norm(commutator) / (matrix**2).sum()),
        "singular_values": np.linalg.svd(matrix, compute_uv=False)[:10].tolist(),
        "laplacian": sums(laplacian),
        "triads": [census[name] for name in census],
        "rich_club": sums(list(nx.rich_club_coefficient(joined, normalized=False).values())),
        "of_neurons": {
            "betweenness": sums(between),
            "closeness": sums(of_neurons(nx.closeness_centrality(graph))),
            "clustering": sums(of_neurons(nx.clustering(joined))),
            "clustering_directed": sums(of_neurons(nx.clustering(graph))),
            "core_number": sums(of_neurons(nx.core_number(joined))),
        },
        "ks_of_degrees": float(ks_2samp(out, into).statistic),
    }


def random_graph(rng):
    """Sizes, densities, reciprocities and hubs of all kinds."""
    n = int(rng.integers(8, 41))
    density = rng.uniform(0.04, 0.4)
    hub = rng.pareto(2.0, n) + 0.3 if rng.random() < 0.5 else np.ones(n)
    chance = density * np.outer(hub, hub[rng.permutation(n)]) / hub.mean() ** 2
    present = rng.random((n, n)) < chance
    present |= present.T & (rng.random((n, n)) < rng.choice([0.0, 0.3, 0.9]))
    np.fill_diagonal(present, False)
    return n, [(int(a), int(b)) for a, b in np.argwhere(present)]


def real_graph(folder, kind):
    with gzip.open(folder / "nodes.csv.gz", "rt") as table:
        place = {row["node_id"]: i for i, row in enumerate(csv.DictReader(table))}
    with gzip.open(folder / "edges.csv.gz", "rt") as table:
        rows = [row for row in csv.DictReader(table) if kind is None or row["type"] == kind]
    pairs = [(place.get(row["pre"]), place.get(row["post"])) for row in rows]
    return len(place), [pair for pair in pairs if None not in pair]


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content) + "\n")


def main():
    rng = np.random.default_rng(4)
    graphs = []
    while len(graphs) < 50:
        n, edges = random_graph(rng)
        if len(edges) > 3:
            graphs.append({"n": n, "edges": edges, "numbers": numbers(n, edges)})
    write(ROOT / "crates/analysis/tests/golden/graphs.json", graphs)
    real = []
    for folder, kind in REAL:
        n, edges = real_graph(Path(sys.argv[1]) / folder, kind)
        print(folder, kind, n, len(edges), flush=True)
        real.append({"folder": folder, "kind": kind, "n": n, "numbers": numbers(n, edges)})
    write(ROOT / "crates/neuroloom/tests/golden/real_graphs.json", real)


if __name__ == "__main__":
    main()
