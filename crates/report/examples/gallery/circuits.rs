//! A made-up code of circuits: every section of it.

use neuroloom_report::{
    Atlas, AtlasPoint, Attribution, Capacity, CapacityPoint, Card, CircuitCode, CircuitView, CodeTraining,
    Control, ControlCurve, ControlTarget, DimensionUse, DirectionRow, Directions, DisplayLine,
    GeneratedCircuits, Group, Header, LatentMap, MapColouring, MeanRow, PredictorScore, Reconstruction,
    ReconstructionSplit, Reference, Relation, ReportData, ReservoirPrediction, ReservoirResults,
    ReservoirScore, ReservoirTask, Separability, SideEffect, SwarmRow,
};

use std::f64::consts::PI;

use super::{grid, normal, uniform};

const N_CODES: usize = 400;
const METRICS: [&str; 6] =
    ["n_edges", "reciprocity", "clustering", "path_length", "modularity_leiden", "betweenness_mean"];

/// A report with all sections of a code.
pub(super) fn circuits() -> ReportData {
    ReportData {
        header: Header {
            title: "Code of the circuits in column".to_owned(),
            summary: "400 circuits of 81 to 100 neurons in 32 numbers; 9 of them are used.".to_owned(),
            command: "neuroloom train circuits column --out code".to_owned(),
            cards: vec![Card {
                label: "AUROC of unseen circuits".to_owned(),
                value: 0.846,
                beside: vec![
                    Reference { label: "boosted trees".to_owned(), value: 0.812 },
                    Reference { label: "chance".to_owned(), value: 0.5 },
                ],
                ..Card::default()
            }],
        },
        circuit_code: Some(CircuitCode {
            training: Some(training()),
            reconstruction: Some(reconstruction()),
            capacity: Some(capacity()),
            generated: Some(generated()),
            latent_map: Some(latent_map()),
            directions: Some(directions()),
            attributions: attributions(),
            control: Some(control()),
            reservoir: Some(reservoir()),
            atlas: Some(atlas()),
        }),
        ..ReportData::default()
    }
}

fn training() -> CodeTraining {
    let at = grid(1.0, 120.0, 120);
    let decay = |floor: f64, rate: f64, noise: usize| -> Vec<f64> {
        at.iter()
            .map(|&epoch| floor + 0.09 * (-epoch / rate).exp() + 0.0012 * normal(noise + epoch as usize))
            .collect()
    };
    CodeTraining {
        unit: "epoch".to_owned(),
        training: decay(0.2, 22.0, 100),
        validation: decay(0.205, 20.0, 500),
        rate_nats: at.iter().map(|&epoch| 12.0 * (1.0 - (-epoch / 30.0).exp())).collect(),
        at,
        kept: Some(104.0),
        notes: vec![
            "Stopped after 120 of 200 epochs: the validation bound had not improved for 16.".to_owned(),
        ],
    }
}

fn reconstruction() -> Reconstruction {
    let names = [
        "code",
        "boosted trees",
        "distance + type",
        "fitted DCSBM",
        "degree product",
        "type block",
        "distance",
    ];
    let split = |name: &str, shift: f64, shared: usize| ReconstructionSplit {
        name: name.to_owned(),
        n_circuits: 50,
        n_pairs: 402_310,
        density: 0.061,
        n_shared_neurons: shared,
        predictors: names
            .iter()
            .enumerate()
            .map(|(rank, name)| {
                let auroc = 0.846 + shift - [0.0, 0.034, 0.05, 0.061, 0.08, 0.12, 0.16][rank];
                let precision = 0.30 + shift - [0.0, 0.06, 0.08, 0.09, 0.12, 0.17, 0.19][rank];
                PredictorScore {
                    name: (*name).to_owned(),
                    auroc,
                    auroc_interval: Some((auroc - 0.008, auroc + 0.008)),
                    average_precision: precision,
                    average_precision_interval: Some((precision - 0.012, precision + 0.013)),
                    nats_per_pair: 0.19 + 0.004 * rank as f64,
                }
            })
            .collect(),
        rate_nats: 11.8,
        bits_per_edge: 0.11,
        active_units: 9,
    };
    let predicted = grid(0.02, 0.62, 10);
    Reconstruction {
        splits: vec![split("spatially disjoint", 0.0, 0), split("random", 0.021, 512)],
        calibration: vec![Relation {
            name: "code".to_owned(),
            y: predicted.iter().map(|value| value * (1.06 - 0.2 * value)).collect(),
            x: predicted,
        }],
        dimensions: (0..32)
            .map(|dimension| DimensionUse {
                dimension,
                rate_nats: 2.4 * (-(dimension as f64) / 3.2).exp(),
                variance: (-(dimension as f64) / 3.0).exp(),
            })
            .collect(),
        notes: Vec::new(),
    }
}

fn capacity() -> Capacity {
    let point = |at: f64, gain: f64| CapacityPoint {
        at,
        auroc: 0.80 + 0.046 * gain,
        auroc_without_code: 0.80 + 0.002 * gain,
        average_precision: 0.22 + 0.08 * gain,
        average_precision_without_code: 0.22 - 0.004 * gain,
        rate_nats: 12.0 * gain,
        bits_per_edge: 0.11 * gain - 0.01,
        active_units: (10.0 * gain) as usize,
    };
    Capacity {
        by_latents: [(2.0, 0.35), (8.0, 0.9), (32.0, 1.0), (128.0, 0.98)]
            .map(|(at, gain)| point(at, gain))
            .to_vec(),
        by_beta: [(0.1, 1.3), (0.5, 1.1), (1.0, 1.0), (4.0, 0.2)].map(|(at, gain)| point(at, gain)).to_vec(),
    }
}

fn generated() -> GeneratedCircuits {
    GeneratedCircuits {
        lead:
            "Types and positions of test circuits were given to the decoder with codes drawn as circuits have them."
                .to_owned(),
        circuits: vec![view("real, circuit 412", 1), view("generated, same neurons", 5000)],
        sets: ["data", "generated", "type-blocks-degree", "reciprocity"].map(ToOwned::to_owned).to_vec(),
        means: METRICS
            .iter()
            .enumerate()
            .map(|(rank, name)| MeanRow {
                name: (*name).to_owned(),
                means: vec![
                    0.3 + 0.1 * rank as f64,
                    0.302 + 0.099 * rank as f64,
                    0.2 + 0.1 * rank as f64,
                    0.1,
                ],
            })
            .collect(),
    }
}

fn view(name: &str, seed: usize) -> CircuitView {
    let sizes = [("L23-exc", 40), ("L4-exc", 26), ("PV", 16), ("SST", 10)];
    let groups: Vec<Group> =
        sizes.iter().map(|&(name, size)| Group { name: name.to_owned(), size }).collect();
    let n: usize = sizes.iter().map(|one| one.1).sum();
    let kind = |neuron: usize| [40, 66, 82].iter().filter(|&&end| neuron >= end).count();
    let position_um: Vec<[f64; 3]> = (0..n)
        .map(|neuron| {
            let depth = [180.0, 330.0, 260.0, 300.0][kind(neuron)];
            let place = 3 * (neuron + 7);
            [30.0 * normal(place), depth + 50.0 * normal(place + 1), 30.0 * normal(place + 2)]
        })
        .collect();
    let (mut pre, mut post) = (Vec::new(), Vec::new());
    for from in 0..n {
        for to in (0..n).filter(|&to| to != from) {
            let apart: f64 =
                (0..3).map(|axis| (position_um[from][axis] - position_um[to][axis]).powi(2)).sum();
            let chance = [0.2, 0.25, 0.5, 0.3][kind(from)] * (-apart.sqrt() / 90.0).exp();
            let mutual = uniform(seed + from.min(to) * 200 + from.max(to)) < 0.35 * chance;
            if mutual || uniform(seed + 90_000 + from * 100 + to) < chance * 0.75 {
                pre.push(from);
                post.push(to);
            }
        }
    }
    CircuitView { name: name.to_owned(), pre, post, groups, position_um }
}

fn points() -> Vec<(f64, f64)> {
    (0..N_CODES)
        .map(|one| {
            let angle = 2.0 * PI * uniform(3 * one);
            let radius = 18.0 * uniform(3 * one + 1).sqrt();
            (radius * angle.cos() + 2.0 * normal(one), 0.8 * radius * angle.sin() + 1.5 * normal(one + 900))
        })
        .collect()
}

fn latent_map() -> LatentMap {
    let points = points();
    let colouring = |rank: usize| {
        let angle = 0.9 * rank as f64;
        let value = |one: usize| {
            points[one].0 * angle.cos() + points[one].1 * angle.sin() + 6.0 * normal(one + 77 * rank)
        };
        let values: Vec<f64> = (0..N_CODES).map(value).collect();
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        let edges: Vec<f64> = (0..=10).map(|edge| sorted[(edge * (N_CODES - 1)) / 10]).collect();
        let bin = |value: &f64| edges[1..10].iter().filter(|edge| *edge <= value).count();
        MapColouring {
            name: METRICS[rank].to_owned(),
            bin: values.iter().map(bin).collect(),
            edges: edges.clone(),
            line: Some(DisplayLine {
                direction: (angle.cos(), angle.sin()),
                r2_map: 0.71 - 0.06 * rank as f64,
                r2_latent: 0.93 - 0.04 * rank as f64,
            }),
        }
    };
    LatentMap {
        method: "t-SNE, perplexity 30, seed 42".to_owned(),
        colourings: (0..4).map(colouring).collect(),
        points: points.clone(),
    }
}

fn directions() -> Directions {
    let rows = METRICS.iter().enumerate().map(|(rank, name)| DirectionRow {
        name: (*name).to_owned(),
        r2_code: 0.95 - 0.07 * rank as f64,
        r2_held_out: 0.91 - 0.08 * rank as f64,
        r2_size: 0.88 - 0.15 * rank as f64,
        spearman: 0.97 - 0.03 * rank as f64,
        p_value: 0.001,
    });
    let cosine = |row: usize, column: usize| {
        if row == column { 1.0 } else { (1.7 * (row + column) as f64).sin() * 0.8 }
    };
    Directions {
        rows: rows.collect(),
        cosine: (0..6).map(|row| (0..6).map(|column| cosine(row, column)).collect()).collect(),
        traversals: METRICS
            .iter()
            .enumerate()
            .map(|(rank, name)| Relation {
                name: (*name).to_owned(),
                x: grid(-3.0, 3.0, 13),
                y: grid(-3.0, 3.0, 13)
                    .iter()
                    .map(|step| 0.3 + 0.05 * (step * (0.3 + 0.1 * rank as f64)).tanh())
                    .collect(),
            })
            .collect(),
        n_circuits: N_CODES,
        n_permutations: 1000,
    }
}

fn attributions() -> Vec<Attribution> {
    let one = |metric: &str, seed: usize| Attribution {
        metric: metric.to_owned(),
        model: "boosted trees".to_owned(),
        r2: 0.81,
        r2_size: 0.42,
        n_dimensions: 32,
        participation: 5.3,
        additivity_error: 4.2e-13,
        rows: (0..8)
            .map(|row| {
                let value: Vec<f64> = (0..N_CODES).map(|circuit| normal(seed + circuit * 9 + row)).collect();
                let strength = 0.012 * (-(row as f64) / 2.6).exp();
                let shap: Vec<f64> = value
                    .iter()
                    .enumerate()
                    .map(|(circuit, value)| {
                        strength * (1.4 * value).tanh() + 0.1 * strength * normal(circuit)
                    })
                    .collect();
                let mean_absolute = shap.iter().map(|value| value.abs()).sum::<f64>() / N_CODES as f64;
                SwarmRow { name: format!("z{}", (row * 7 + 3) % 32), shap, value, mean_absolute }
            })
            .collect(),
    };
    vec![one("clustering", 1000), one("reciprocity", 70_000)]
}

fn control() -> Control {
    let curve = |controller: &str, slope: f64, range: (f64, f64), seed: usize| {
        let asked = grid(range.0, range.1, 7);
        let middle = 0.5 * (range.0 + range.1);
        let noise = 0.015 * (range.1 - range.0);
        ControlCurve {
            controller: controller.to_owned(),
            achieved: asked
                .iter()
                .enumerate()
                .map(|(rank, value)| middle + slope * (value - middle) + noise * normal(seed + rank))
                .collect(),
            spread: vec![0.07 * (range.1 - range.0); 7],
            asked,
            spearman: 1.0,
            relative_error: 0.31 * (1.0 - slope) + 0.011,
            prior_percentile: 0.64,
        }
    };
    let ranges = [(380.0, 720.0), (0.06, 0.21), (0.16, 0.31), (1.9, 2.9), (0.18, 0.4), (0.009, 0.021)];
    let target = |rank: usize| ControlTarget {
        name: METRICS[rank].to_owned(),
        data_range: (ranges[rank].0 * 1.12, ranges[rank].1 * 0.9),
        reachable: Some(ranges[rank]),
        curves: vec![
            curve("line", 0.55, ranges[rank], 10 * rank),
            curve("line-orth", 0.4, ranges[rank], 10 * rank + 600),
            curve("gradient", 0.78, ranges[rank], 10 * rank + 900),
            curve("closed-loop", 0.985, ranges[rank], 10 * rank + 1400),
        ],
    };
    let side = |target: usize| {
        METRICS.iter().enumerate().map(move |(rank, metric)| SideEffect {
            target: METRICS[target].to_owned(),
            metric: (*metric).to_owned(),
            shift: if rank == target { 1.6 } else { 0.7 * (2.3 * (rank * 3 + target) as f64).sin() },
        })
    };
    Control {
        lead: "Twenty circuits were generated for each value asked, on the types and positions of test circuits.".to_owned(),
        targets: (0..6).map(target).collect(),
        side_effects: (0..6).flat_map(side).collect(),
    }
}

fn reservoir() -> ReservoirResults {
    let kinds = [
        "circuits",
        "density-matched random",
        "degree-preserving swaps",
        "dyad-preserving swaps",
        "type-block shuffle",
        "echo state network",
        "direct readout",
    ];
    let task = |name: &str, direction: &str, means: [f64; 7]| ReservoirTask {
        name: name.to_owned(),
        direction: direction.to_owned(),
        scores: kinds
            .iter()
            .zip(means)
            .map(|(kind, mean)| ReservoirScore {
                name: (*kind).to_owned(),
                mean,
                interval: Some((mean * 0.97, mean * 1.03)),
            })
            .collect(),
    };
    let prediction = |task: &str, values: [f64; 3]| ReservoirPrediction {
        task: task.to_owned(),
        r2_code: values[0],
        r2_metrics: values[1],
        r2_size: values[2],
        published: Some((0.46, 0.87)),
    };
    ReservoirResults {
        lead: "Every circuit was scaled to spectral radius 0.9 and driven through 10 random input vectors."
            .to_owned(),
        tasks: vec![
            task(
                "memory capacity",
                "numbers remembered, higher is better",
                [11.2, 12.0, 11.6, 11.3, 11.8, 13.4, 0.0],
            ),
            task("NARMA-10", "NRMSE, lower is better", [0.61, 0.59, 0.60, 0.61, 0.6, 0.52, 0.97]),
        ],
        predictions: vec![
            prediction("memory capacity", [0.71, 0.82, 0.55]),
            prediction("NARMA-10", [0.48, 0.6, 0.41]),
        ],
    }
}

fn atlas() -> Atlas {
    let sources =
        ["worm", "fly larva", "mouse V1", "rat S1 model", "surrogate"].map(ToOwned::to_owned).to_vec();
    let regions = ["head", "mushroom body", "optic", "layer 2/3", "layer 4"].map(ToOwned::to_owned).to_vec();
    let points = points()
        .into_iter()
        .enumerate()
        .map(|(one, (x, y))| {
            let source = one % 5;
            let angle = 1.2566 * source as f64;
            AtlasPoint {
                x: 0.4 * x + 22.0 * angle.cos(),
                y: 0.4 * y + 22.0 * angle.sin(),
                source,
                region: (source < 4).then_some((source + one / 5 % 2) % 5),
            }
        })
        .collect();
    let separable = |from: &str, accuracy: f64| Separability { from: from.to_owned(), accuracy };
    let distance =
        |row: usize, column: usize| if row == column { 0.9 } else { 1.4 + 0.3 * (row + column) as f64 };
    Atlas {
        method: "t-SNE, perplexity 30".to_owned(),
        sources,
        regions,
        points,
        separability: vec![
            separable("code", 0.97),
            separable("N and E alone", 0.71),
            separable("chance", 0.2),
        ],
        distance: (0..5).map(|row| (0..5).map(|column| distance(row, column)).collect()).collect(),
        means: vec![Relation {
            name: "reciprocity".to_owned(),
            x: grid(0.0, 4.0, 5),
            y: vec![0.32, 0.21, 0.12, 0.09, 0.14],
        }],
    }
}
