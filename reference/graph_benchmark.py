# /// script
# requires-python = ">=3.11"
# dependencies = ["networkx==3.6.1", "igraph==1.0.0", "numpy==2.3.5", "scipy==1.17.1"]
# ///
"""Times every graph statistic beside python-igraph and networkx on one wiring diagram, in turns.

    cargo build --release -p neuroloom --example graph_timings
    uv run reference/graph_benchmark.py target/release/examples/graph_timings ../shared/data/fly_larva_brain_winding2023

For each statistic the programs take turns, three times each (igraph and networkx once where they take over 20 s); the
smallest time of each counts. networkx gets LIMIT seconds (default 60, third argument) for a statistic, after which the
table says `>`; a fourth argument names the statistics that are wanted, with commas between, and a fifth, whatever
it says, leaves igraph out (its triad census of the rat column takes 20 minutes). networkx's betweenness and path lengths are timed on 8 sources and multiplied up (`~`). The values are compared
too: a fast wrong number is none. Both begin with the directed graph, so `U` is made within the time. igraph has communities only for undirected graphs, so there only times compare.
"""

import multiprocessing
import subprocess
import sys
import time

import igraph
import networkx as nx
import numpy as np
import csv
import gzip
from pathlib import Path

LIMIT = float(sys.argv[3]) if len(sys.argv) > 3 else 60.0
SOURCES = 8
# igraph keeps the answer with the graph, so only its first call counts.
REMEMBERED = {"strong components"}


def edges(folder):
    folder = Path(folder)
    with gzip.open(folder / "nodes.csv.gz", "rt") as table:
        rows = list(csv.DictReader(table))
    place = {row.get("node_id", row.get("index")): i for i, row in enumerate(rows)}
    if (folder / "edges.csv.gz").exists():
        with gzip.open(folder / "edges.csv.gz", "rt") as table:
            pairs = {(place[row["pre"]], place[row["post"]]) for row in csv.DictReader(table)}
    else:
        with np.load(next(folder.glob("*.npz"))) as data:
            pre = np.repeat(np.arange(len(rows)), np.diff(data["indptr"]))
            pairs = set(zip(pre.tolist(), data["indices"].tolist()))
    return len(rows), sorted((a, b) for a, b in pairs if a != b)


def igraph_statistics(graph):
    n = graph.vcount()

    def joined():
        return graph.as_undirected()

    groups = [i % 7 for i in range(n)]

    def mean_length():
        return graph.average_path_length(directed=True, unconn=True)

    return {
        "reciprocity": graph.reciprocity,
        "clustering": lambda: float(np.mean(joined().transitivity_local_undirected(mode="zero"))),
        "transitivity": lambda: joined().transitivity_undirected(),
        "triad census": lambda: graph.triad_census().t030T,
        "path length": mean_length,
        "betweenness": lambda: float(np.mean(graph.betweenness())) / ((n - 1) * (n - 2)),
        "cores": lambda: max(joined().coreness()),
        "strong components": lambda: len(graph.connected_components(mode="strong")),
        "assortativity": lambda: graph.assortativity_degree(directed=True),
        "modularity": lambda: graph.modularity(groups, directed=True),
        "Louvain": lambda: joined().community_multilevel().modularity,
        "Leiden": lambda: joined().community_leiden(objective_function="modularity", n_iterations=-1).modularity,
        "spectral radius": None,
        "degree-preserving swaps": lambda: graph.copy().rewire(10 * graph.ecount()),
    }


def networkx_statistics(graph):
    n = len(graph)
    groups = [{i for i in range(n) if i % 7 == k} for k in range(7)]
    some = list(range(0, n, n // SOURCES))[:SOURCES]

    def lengths():
        return [nx.single_source_shortest_path_length(graph, source) for source in some]

    return {
        "reciprocity": (1, lambda: nx.overall_reciprocity(graph)),
        "clustering": (1, lambda: nx.average_clustering(graph.to_undirected())),
        "transitivity": (1, lambda: nx.transitivity(graph.to_undirected())),
        "directed clustering": (1, lambda: nx.average_clustering(graph)),
        "triad census": (1, lambda: nx.triadic_census(graph)["030T"]),
        "path length": (n / SOURCES, lengths),
        "closeness": (n / SOURCES, lengths),
        "betweenness": (n / SOURCES, lambda: nx.betweenness_centrality(graph, k=SOURCES, seed=1)),
        "cores": (1, lambda: max(nx.core_number(graph.to_undirected()).values())),
        "strong components": (1, lambda: nx.number_strongly_connected_components(graph)),
        "assortativity": (1, lambda: nx.degree_pearson_correlation_coefficient(graph)),
        "modularity": (1, lambda: nx.community.modularity(graph, groups)),
        "Louvain": (1, lambda: nx.community.modularity(graph, nx.community.louvain_communities(graph, seed=1))),
        "rich club": (1, lambda: list(nx.rich_club_coefficient(graph.to_undirected(), normalized=False).values())[-1]),
    }


def timed(function):
    started = time.perf_counter()
    value = function()
    return time.perf_counter() - started, value


def limited(function, limit):
    """(seconds, value) in a process of its own, or None if it takes longer."""
    mine, other = multiprocessing.Pipe()
    process = multiprocessing.Process(target=lambda: other.send(timed(function)), daemon=True)
    process.start()
    found = mine.recv() if mine.poll(limit) else None
    process.terminate()
    process.join()
    return found


def main():
    program, folder = sys.argv[1:3]
    ours = subprocess.Popen([program, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    n, pairs = edges(folder)
    size = [int(word) for word in ours.stdout.readline().split()]
    assert size == [n, len(pairs)], (size, n, len(pairs))

    def neuroloom(name):
        ours.stdin.write(name + "\n")
        ours.stdin.flush()
        seconds, value = ours.stdout.readline().split()
        return float(seconds), float(value)

    theirs = igraph_statistics(igraph.Graph(n=n, edges=pairs, directed=True))
    graph = nx.DiGraph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from(pairs)
    slow = networkx_statistics(graph)
    print(f"{folder}: {n} neurons, {len(pairs)} edges")
    print(f"{'statistic':24} {'neuroloom':>10} {'igraph':>10} {'ratio':>8} {'networkx':>11} {'ratio':>9}  values")
    names = list(dict.fromkeys([*theirs, *slow, "simplices", "common neighbours"]))
    if len(sys.argv) > 4:
        names = sys.argv[4].split(",")
    if len(sys.argv) > 5:
        theirs = {}
    for name in names:
        mine, peer = [], []
        for _ in range(3):
            mine.append(neuroloom(name))
            if theirs.get(name) and (not peer or peer[0][0] < 20 and name not in REMEMBERED):
                peer.append(timed(theirs[name]))
        best = min(seconds for seconds, _ in mine)
        row = f"{name:24} {best:10.4f}"
        values = [mine[0][1]]
        if peer:
            other = min(seconds for seconds, _ in peer)
            values.append(peer[0][1])
            row += f" {other:10.4f} {other / best:8.1f}"
        else:
            row += f" {'-':>10} {'-':>8}"
        if name in slow:
            factor, function = slow[name]
            found = limited(function, LIMIT)
            seconds = LIMIT * factor if found is None else found[0] * factor
            mark = ">" if found is None else "~" if factor != 1 else " "
            row += f" {mark}{seconds:10.2f} {mark}{seconds / best:8.0f}"
            if found is not None and factor == 1:
                values.append(found[1])
        else:
            row += f" {'-':>11} {'-':>9}"
        print(row, " ", *(f"{value:.6g}" if isinstance(value, (int, float)) else "-" for value in values), flush=True)
    ours.stdin.close()


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    main()
