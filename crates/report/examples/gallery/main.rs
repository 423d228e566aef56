//! Writes a report full of made-up but realistic numbers, to look at every figure at once.
//!
//! `cargo run -p neuroloom-report --example gallery -- report.html [simulated|recorded|circuits|empty] [figures_folder]`
//! All numbers come from fixed formulae; none of them is a result.

mod circuits;
mod recorded;

use std::error::Error;
use std::f64::consts::PI;

use neuroloom_report::{
    Card, Cell, CellTypes, Connectivity, Contingency, Coverage, Density, Detail, FunctionGroup, Functions,
    Group, Header, Histogram, InputFile, MatrixPanel, Notice, Pooling, Provenance, PublishedScore, Recording,
    Reference, ReportData, Rollout, RolloutScatter, SilhouettePoint, Table, Tone, Trace, TracePair,
    WeakSender, downsample, figures, render,
};

use recorded::recorded;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let path = arguments.first().ok_or("give the path of the page to write")?;
    let data = match arguments.get(1).map(String::as_str) {
        Some("recorded") => recorded(),
        Some("circuits") => circuits::circuits(),
        Some("empty") => ReportData::default(),
        _ => simulated(),
    };
    std::fs::write(path, render(&data)?)?;
    if let Some(folder) = arguments.get(2) {
        std::fs::create_dir_all(folder)?;
        for (stem, svg) in figures(&data)? {
            std::fs::write(format!("{folder}/{stem}.svg"), svg)?;
        }
    }
    Ok(())
}

const N: usize = 1000;
const TYPES: [(f64, f64); 4] = [(1.0, 1.0), (2.0, 1.0), (1.0, 2.0), (2.0, 2.0)];

/// Even noise from a counter, in (0, 1).
fn uniform(seed: usize) -> f64 {
    let mut bits = (seed as u64).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    for shift in [30, 27, 31] {
        bits = (bits ^ (bits >> shift)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    }
    ((bits >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
}

fn normal(seed: usize) -> f64 {
    (-2.0 * uniform(2 * seed).ln()).sqrt() * (2.0 * PI * uniform(2 * seed + 1)).cos()
}

fn cauchy(seed: usize) -> f64 {
    let draw = (PI * (uniform(seed) - 0.5)).tan();
    if draw.abs() > 25.0 { 0.0 } else { draw * 0.0794 }
}

fn x_at(neuron: usize, time_s: f64) -> f64 {
    let waves = (0..5).map(|mode| {
        let phase = 2.0 * PI * uniform(9000 + 7 * neuron + mode);
        normal(500 + 5 * neuron + mode)
            * ((0.21 + 0.13 * mode as f64) * time_s + phase + (0.05 * time_s).sin()).sin()
    });
    let own = TYPES[neuron * 4 / N].0;
    2.6 * own * waves.sum::<f64>()
}

fn series(neuron: usize, times: &[f64]) -> Vec<f64> {
    times.iter().map(|&time| x_at(neuron, time)).collect()
}

fn grid(low: f64, high: f64, count: usize) -> Vec<f64> {
    (0..count).map(|step| low + (high - low) * step as f64 / (count - 1) as f64).collect()
}

fn count_pairs(pairs: &[(f64, f64)], limit: f64, bins: usize) -> Density {
    let edges = grid(-limit, limit, bins + 1);
    let mut counts = vec![vec![0.0; bins]; bins];
    let cell = |value: f64| ((value + limit) / (2.0 * limit) * bins as f64).floor();
    for &(x, y) in pairs {
        let (column, row) = (cell(x), cell(y));
        if column >= 0.0 && row >= 0.0 && column < bins as f64 && row < bins as f64 {
            counts[row as usize][column as usize] += 1.0;
        }
    }
    Density { x_edges: edges.clone(), y_edges: edges, counts, n_pairs: pairs.len(), ..Density::default() }
}

fn histogram(lists: &[(&str, Vec<f64>)], limit: f64, bins: usize) -> Histogram {
    let count = |values: &[f64]| {
        let mut counts = vec![0.0; bins];
        for value in values {
            let cell = ((value + limit) / (2.0 * limit) * bins as f64).floor();
            if cell >= 0.0 && cell < bins as f64 {
                counts[cell as usize] += 1.0;
            }
        }
        counts
    };
    let series = lists.iter().map(|(name, values)| Trace { name: (*name).to_owned(), values: count(values) });
    Histogram { edges: grid(-limit, limit, bins + 1), series: series.collect() }
}

fn groups() -> Vec<Group> {
    (1..=4).map(|group| Group { name: format!("type {group}"), size: N / 4 }).collect()
}

fn simulated() -> ReportData {
    ReportData {
        header: header(),
        recording: Some(recording()),
        connectivity: Some(connectivity()),
        functions: Some(functions()),
        cell_types: Some(cell_types()),
        rollout: Some(rollout()),
        baselines: vec![baselines()],
        warnings: vec![Notice {
            code: "weak-senders".to_owned(),
            message: "3 of 1000 neurons send so little of their own that their outgoing weights are not identifiable \
                      from this recording."
                .to_owned(),
        }],
        limits: vec![
            "The weights explain this recording under the model above. They are effective couplings: a neuron that \
             was not recorded can make two others look connected."
                .to_owned(),
            "Outside of the visited range of activity the functions are extrapolated and mean nothing.".to_owned(),
        ],
        provenance: Some(provenance()),
        ..ReportData::default()
    }
}

fn header() -> Header {
    let card = |label: &str, value: f64, beside: &[(&str, f64)], note: &str| Card {
        label: label.to_owned(),
        value,
        note: note.to_owned(),
        beside: beside.iter().map(|&(label, value)| Reference { label: label.to_owned(), value }).collect(),
        ..Card::default()
    };
    Header {
        title: "Mechanism of baseline/activity.zarr".to_owned(),
        summary: "From 100,000 frames of 1000 neurons: 999,000 weights agree with the truth at R² 0.99999995, four types \
                  of neurons, and a model that follows the true system for 400 frames."
            .to_owned(),
        command: "neuroloom infer RUN/activity.zarr --truth RUN/truth.npz --out FIT".to_owned(),
        cards: vec![
            card("W against truth, R² of the fit", 0.999_999_95, &[("published", 1.0), ("correlation", 0.31)], "slope 1.0000"),
            card("neuron types found", 4.0, &[("true", 4.0)], "k by silhouette"),
            card("type accuracy", 1.0, &[("published", 1.0), ("chance", 0.25)], ""),
            card("rollout R² after 400 frames", 0.999_98, &[("published", 0.94)], ""),
            card("rollout R² after 800 frames", 0.9975, &[("published", 0.36)], ""),
            card("one-step forecast R²", 0.9991, &[("persistence", 0.9987), ("ridge VAR(1)", 0.9988)], "last quarter"),
            Card { unit: "s".to_owned(), ..card("wall time", 17.4, &[("gradient route", 7200.0)], "2 cores") },
            card("median standard error of W", 3.1e-5, &[("median |W|", 0.073)], ""),
        ],
    }
}

fn recording() -> Recording {
    let times = grid(0.0, 1000.0, 400);
    let activity: Vec<Vec<f64>> = (0..N).map(|neuron| series(neuron, &times)).collect();
    let trace_time_s = grid(0.0, 120.0, 900);
    let traces = (0..12)
        .map(|row| Trace { name: format!("neuron {}", row * 83), values: series(row * 83, &trace_time_s) });
    Recording {
        source: "RUN/activity.zarr".to_owned(),
        n_trials: 1,
        n_frames: 100_000,
        n_neurons: N,
        dt_s: 0.01,
        unit: "a.u.".to_owned(),
        missing_fraction: 0.0,
        activity: downsample(&activity, (250, 400), Pooling::Mean),
        activity_span_s: (0.0, 1000.0),
        order: "by true type".to_owned(),
        groups: groups(),
        traces: traces.collect(),
        trace_time_s,
    }
}

fn connectivity() -> Connectivity {
    let weight = |post: usize, pre: usize| if post == pre { 0.0 } else { cauchy(post * N + pre) };
    let truth: Vec<Vec<f64>> = (0..N).map(|post| (0..N).map(|pre| weight(post, pre)).collect()).collect();
    let error = |pre: usize| 0.004 * (1.0 + 3.0 * uniform(40_000 + pre).powi(4));
    let noisy = |post: usize, pre: usize| truth[post][pre] + error(pre) * normal(post * N + pre);
    let learned: Vec<Vec<f64>> = (0..N).map(|post| (0..N).map(|pre| noisy(post, pre)).collect()).collect();
    let errors: Vec<Vec<f64>> = (0..N).map(|_| (0..N).map(error).collect()).collect();
    let flat = |matrix: &[Vec<f64>]| -> Vec<f64> { matrix.concat() };
    let pairs: Vec<(f64, f64)> = flat(&truth).into_iter().zip(flat(&learned)).collect();
    let density = Density {
        slope: Some(0.9998),
        intercept: Some(0.0),
        r2_linear_fit: Some(0.9991),
        r2_identity: Some(0.9990),
        ..count_pairs(&pairs, 2.0, 160)
    };
    let panel = |name: &str, values: &[Vec<f64>], tone| MatrixPanel {
        name: name.to_owned(),
        values: downsample(
            values,
            (250, 250),
            if tone == Tone::Signed { Pooling::MaxAbs } else { Pooling::Mean },
        ),
        tone,
    };
    Connectivity {
        n_neurons: N,
        unit: "1/s".to_owned(),
        density: Some(density),
        matrices: vec![
            panel("Learned", &learned, Tone::Signed),
            panel("True", &truth, Tone::Signed),
            panel("Standard error", &errors, Tone::Positive),
        ],
        groups: groups(),
        order: "by learned type".to_owned(),
        weights: Some(histogram(&[("learned", flat(&learned)), ("true", flat(&truth))], 2.0, 80)),
        singular_values: (0..N).map(|rank| 2.1 * (-(rank as f64) / 180.0).exp() + 0.025).collect(),
        singular_floor: Some(0.004),
        weak_senders: [(17, 0.0031), (402, 0.0046), (871, 0.0052)]
            .map(|(neuron, signal)| WeakSender {
                name: format!("neuron {neuron}"),
                signal,
                standard_error: 0.02 / signal / 100.0,
            })
            .to_vec(),
        coverage: [0.5, 0.68, 0.8, 0.9, 0.95, 0.99]
            .map(|nominal| Coverage { nominal, observed: nominal - 0.03 * (1.0 - nominal) })
            .to_vec(),
        ..Connectivity::default()
    }
}

fn functions() -> Functions {
    let x = grid(-20.0, 20.0, 161);
    let update = TYPES.iter().enumerate().map(|(group, &(s, c))| {
        let truth: Vec<f64> = x.iter().map(|&x| -c * x + s * x.tanh()).collect();
        let wiggle =
            |neuron: usize, x: f64| 0.18 * normal(77 * neuron + group) * (x / (3.0 + uniform(neuron))).sin();
        let neuron = |neuron: usize| {
            let reach = 8.0 + 10.0 * uniform(31 * neuron + group);
            let value =
                |(&x, &y): (&f64, &f64)| if x.abs() < reach { y + wiggle(neuron, x) } else { f64::NAN };
            x.iter().zip(&truth).map(value).collect()
        };
        FunctionGroup {
            name: format!("type {}", group + 1),
            x: x.clone(),
            neurons: (0..24).map(neuron).collect(),
            center: truth
                .iter()
                .zip(&x)
                .map(|(y, x)| if x.abs() < 17.0 { y + 0.05 * x.sin() } else { f64::NAN })
                .collect(),
            truth,
            ..FunctionGroup::default()
        }
    });
    let center: Vec<f64> = x.iter().map(|x| x.tanh() + 0.004 * (2.0 * x).sin()).collect();
    let half: Vec<f64> = x.iter().map(|x| 0.01 + 0.06 * (x.abs() / 20.0).powi(3)).collect();
    let transfer = FunctionGroup {
        name: "learned".to_owned(),
        lower: center.iter().zip(&half).map(|(y, half)| y - half).collect(),
        upper: center.iter().zip(&half).map(|(y, half)| y + half).collect(),
        truth: x.iter().map(|x| x.tanh()).collect(),
        center,
        x: x.clone(),
        neurons: Vec::new(),
    };
    let visited: Vec<f64> = (0..40_000).map(|draw| 5.5 * normal(draw)).collect();
    Functions {
        x_unit: "a.u.".to_owned(),
        update_unit: "a.u./s".to_owned(),
        update: update.collect(),
        transfer: vec![transfer],
        occupancy: Some(histogram(&[("visited", visited)], 20.0, 60)),
        note: "φ is shown with φ(0) = 0.".to_owned(),
        ..Functions::default()
    }
}

fn cell_types() -> CellTypes {
    let point = |neuron: usize| {
        let (s, c) = TYPES[neuron * 4 / N];
        (8.0 * (c - 1.5) + 0.5 * normal(neuron), 3.0 * (s - 1.5) + 0.35 * normal(neuron + N))
    };
    let silhouette = (2..=12)
        .map(|k| SilhouettePoint { k, score: 0.93 - 0.09 * (k as f64 - 4.0).abs() - 0.02 * (k % 3) as f64 });
    CellTypes {
        names: (1..=4).map(|group| format!("type {group}")).collect(),
        labels: (0..N).map(|neuron| neuron * 4 / N).collect(),
        embedding: (0..N).map(point).collect(),
        axis_names: ("PC 1 of φ profiles (83 % of variance)".to_owned(), "PC 2 (15 %)".to_owned()),
        silhouette: silhouette.collect(),
        contingency: Some(Contingency {
            reference: "true type".to_owned(),
            row_names: (1..=4).map(|group| format!("type {group}")).collect(),
            column_names: (1..=4).map(|group| group.to_string()).collect(),
            counts: (0..4)
                .map(|row| {
                    (0..4)
                        .map(|column| if row == column { 249 } else { usize::from(column == (row + 1) % 4) })
                        .collect()
                })
                .collect(),
        }),
        accuracy: Some(0.996),
        adjusted_rand_index: Some(0.9893),
    }
}

fn rollout() -> Rollout {
    let frames = grid(0.0, 1000.0, 201);
    let trace_time_s = grid(0.0, 10.0, 500);
    let scatter = |frame: usize, noise: f64, r2: f64| {
        let pairs: Vec<(f64, f64)> = (0..N)
            .map(|neuron| {
                (x_at(neuron, frame as f64), x_at(neuron, frame as f64) + noise * normal(neuron + frame))
            })
            .collect();
        let density = Density {
            slope: Some(1.0 - noise / 40.0),
            intercept: Some(0.0),
            r2_linear_fit: Some(r2),
            n_pairs: N,
            ..Density::default()
        };
        RolloutScatter { frame, pairs, density }
    };
    let pair = |neuron: usize| TracePair {
        name: format!("neuron {neuron}"),
        truth: series(neuron, &trace_time_s.iter().map(|time| 6.0 * time).collect::<Vec<_>>()),
        model: trace_time_s
            .iter()
            .map(|time| x_at(neuron, 6.0 * time) + 0.004 * time.powi(3) * normal(neuron))
            .collect(),
    };
    Rollout {
        dt_s: 0.01,
        unit: "a.u.".to_owned(),
        r2: frames.iter().map(|frame| 1.0 - (frame / 1000.0).powi(9) * 0.35).collect(),
        slope: frames.iter().map(|frame| 1.0 - (frame / 1000.0).powi(8) * 0.12).collect(),
        frames,
        published: [(400.0, 0.94), (800.0, 0.36)]
            .map(|(frame, r2)| PublishedScore { label: "Allier et al. 2026".to_owned(), frame, r2 })
            .to_vec(),
        scatters: vec![scatter(400, 0.05, 0.99998), scatter(800, 0.7, 0.9975)],
        traces: (0..6).map(|row| pair(row * 170 + 3)).collect(),
        trace_time_s,
    }
}

fn baselines() -> Table {
    let row = |name: &str, values: [Option<f64>; 4]| {
        let number = |value: Option<f64>| value.map_or(Cell::Absent, Cell::Number);
        std::iter::once(Cell::Text(name.to_owned())).chain(values.map(number)).collect()
    };
    Table {
        caption: "Recovery of W from the same frames.".to_owned(),
        columns: ["method", "R² of the fit", "AUROC", "average precision", "one-step R²"]
            .map(str::to_owned)
            .to_vec(),
        rows: vec![
            row("neuroloom", [Some(0.999_999_95), Some(1.0), Some(1.0), Some(0.9991)]),
            row("ridge VAR(1)", [Some(0.412), Some(0.803), Some(0.655), Some(0.9988)]),
            row("correlation", [Some(0.031), Some(0.561), Some(0.32), None]),
            row("chance", [Some(0.0), Some(0.5), Some(0.25), None]),
        ],
        emphasised_row: Some(0),
    }
}

fn provenance() -> Provenance {
    Provenance {
        version: "neuroloom 0.1.0".to_owned(),
        seed: Some(42),
        created: "2026-03-01 12:00 UTC".to_owned(),
        command: "neuroloom infer RUN/activity.zarr --truth RUN/truth.npz --out FIT".to_owned(),
        config_toml: "family = \"mechanism\"\nseed = 42\n\n[model]\ntarget = \"difference\"\nupdate_knots = 12\ntransfer_knots = 19\nridge = 1e-8\n".to_owned(),
        inputs: ["RUN/activity.zarr", "RUN/truth.npz"]
            .map(|path| InputFile {
                path: path.to_owned(),
                sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
                n_bytes: 404_000_000,
            })
            .to_vec(),
        details: vec![Detail { name: "frames used".to_owned(), value: "75,000 of 100,000; the last quarter was held out".to_owned() }],
    }
}
