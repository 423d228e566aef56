//! A worm: a recording without truth, scored against a connectome.

use neuroloom_report::{
    CellTypes, Connectivity, Forecast, ForecastMethod, FunctionGroup, Functions, Group, Header, HorizonScore,
    MatrixPanel, Recording, ReportData, SilhouettePoint, Tone, Trace, TracePair, WeakSender,
    WiringComparison, WiringReference, WiringScore,
};

use crate::{cauchy, grid, histogram, normal, simulated, uniform, x_at};

const WORM: [&str; 14] = [
    "AVAL", "AVAR", "RIML", "RIMR", "AIBL", "RIBL", "SMDVR", "RMEL", "AVBL", "VB2", "NSML", "ASGR", "URXL",
    "OLQDL",
];

pub(crate) fn recorded() -> ReportData {
    let base = simulated();
    ReportData {
        header: Header {
            title: "Mechanism of worm 2022-06-14-01".to_owned(),
            summary: "From 8 minutes of 142 neurons: held-out activity is foreseen slightly better than by ridge VAR(1), \
                      and the weights agree with the connectome only a little above chance."
                .to_owned(),
            command: "neuroloom infer 2022-06-14-01.npz --array traces_zscored --dt 0.6 --connectome cook2019".to_owned(),
            cards: base.header.cards[5..].to_vec(),
        },
        recording: Some(worm_recording()),
        connectivity: Some(worm_connectivity()),
        functions: Some(worm_functions()),
        cell_types: Some(worm_types()),
        forecast: Some(forecast()),
        wiring: Some(wiring()),
        rollout: None,
        ..base
    }
}

fn worm_name(neuron: usize) -> String {
    WORM.get(neuron).map_or_else(|| format!("unnamed {neuron}"), |name| (*name).to_owned())
}

fn worm_recording() -> Recording {
    let times = grid(0.0, 480.0, 400);
    let mut activity: Vec<Vec<f64>> = (0..142)
        .map(|neuron| {
            times
                .iter()
                .map(|&time| x_at(neuron * 7, 0.4 * time) / 6.0 + 0.15 * normal(time as usize * 142 + neuron))
                .collect()
        })
        .collect();
    activity[60..72].iter_mut().for_each(|neuron| neuron[100..160].fill(f64::NAN));
    let traces = (0..12).map(|row| Trace { name: worm_name(row), values: activity[row].clone() });
    Recording {
        source: "2022-06-14-01.npz, array traces_zscored".to_owned(),
        n_trials: 2,
        n_frames: 800,
        n_neurons: 142,
        dt_s: 0.6,
        unit: "z-score".to_owned(),
        missing_fraction: 0.0012,
        traces: traces.collect(),
        activity,
        activity_span_s: (0.0, 480.0),
        trace_time_s: times,
        ..Recording::default()
    }
}

fn worm_connectivity() -> Connectivity {
    let n = 142;
    let learned: Vec<Vec<f64>> = (0..n)
        .map(|post| (0..n).map(|pre| if post == pre { 0.0 } else { cauchy(post * n + pre) }).collect())
        .collect();
    let errors = (0..n)
        .map(|post| (0..n).map(|pre| 0.03 + 0.05 * uniform(pre) * uniform(post + n)).collect())
        .collect();
    let sizes = [31, 9, 22, 17, 28, 4, 31];
    Connectivity {
        n_neurons: n,
        unit: "1/s".to_owned(),
        weights: Some(histogram(&[("learned", learned.concat())], 2.0, 80)),
        matrices: vec![
            MatrixPanel { name: "Learned".to_owned(), values: learned, tone: Tone::Signed },
            MatrixPanel { name: "Standard error".to_owned(), values: errors, tone: Tone::Positive },
        ],
        groups: sizes
            .iter()
            .enumerate()
            .map(|(group, &size)| Group { name: format!("type {}", group + 1), size })
            .collect(),
        order: "by learned type".to_owned(),
        singular_values: (0..n).map(|rank| 4.0 * (-(rank as f64) / 18.0).exp() + 0.002).collect(),
        singular_floor: Some(0.05),
        weak_senders: (0..8)
            .map(|neuron| WeakSender {
                name: worm_name(neuron + 6),
                signal: 0.02 + 0.003 * neuron as f64,
                standard_error: 0.4 - 0.02 * neuron as f64,
            })
            .collect(),
        ..Connectivity::default()
    }
}

fn worm_functions() -> Functions {
    let x = grid(-3.0, 4.0, 121);
    let curve = |neuron: usize| {
        x.iter()
            .map(|x| -(0.3 + 0.4 * uniform(neuron)) * x + 0.1 * normal(neuron) * (1.7 * x).sin())
            .collect()
    };
    let center: Vec<f64> = x.iter().map(|x| (0.9 * x).tanh()).collect();
    Functions {
        x_unit: "z-score".to_owned(),
        update_unit: "z-score/s".to_owned(),
        update: vec![FunctionGroup {
            name: "all neurons".to_owned(),
            neurons: (0..60).map(curve).collect(),
            center: x.iter().map(|x| -0.5 * x).collect(),
            x: x.clone(),
            ..FunctionGroup::default()
        }],
        transfer: vec![FunctionGroup {
            lower: center.iter().map(|y| y - 0.15).collect(),
            upper: center.iter().map(|y| y + 0.15).collect(),
            center,
            x,
            ..FunctionGroup::default()
        }],
        occupancy: Some(histogram(&[("visited", (0..9000).map(normal).collect())], 4.0, 50)),
        ..Functions::default()
    }
}

fn worm_types() -> CellTypes {
    let label = |neuron: usize| (uniform(neuron * 3) * 18.0) as usize;
    CellTypes {
        names: (1..=18).map(|group| format!("type {group}")).collect(),
        labels: (0..142).map(label).collect(),
        embedding: (0..142)
            .map(|neuron| {
                (
                    4.0 * uniform(label(neuron) * 11) + 0.12 * normal(neuron),
                    3.0 * uniform(label(neuron) * 17) + 0.12 * normal(neuron + 300),
                )
            })
            .collect(),
        axis_names: ("PC 1 (41 % of variance)".to_owned(), "PC 2 (22 %)".to_owned()),
        silhouette: (2..=30)
            .map(|k| SilhouettePoint {
                k,
                score: 0.31 - 0.0006 * (k as f64 - 18.0).powi(2) + 0.01 * normal(k),
            })
            .collect(),
        ..CellTypes::default()
    }
}

fn forecast() -> Forecast {
    let method = |name: &str, r2: [f64; 3]| ForecastMethod {
        name: name.to_owned(),
        scores: [1, 5, 20]
            .into_iter()
            .zip(r2)
            .map(|(steps, r2)| HorizonScore {
                steps,
                r2,
                lower_quartile: Some(r2 - 0.14),
                upper_quartile: Some((r2 + 0.11).min(0.97)),
            })
            .collect(),
    };
    let trace_time_s = grid(360.0, 480.0, 200);
    let truth = |neuron: usize| -> Vec<f64> {
        trace_time_s
            .iter()
            .map(|time| x_at(neuron * 7, 0.4 * time) / 6.0 + 0.15 * normal(*time as usize * 142 + neuron))
            .collect()
    };
    Forecast {
        dt_s: 0.6,
        unit: "z-score".to_owned(),
        held_out: "the last quarter, frames 600 to 799".to_owned(),
        methods: vec![
            method("model", [0.668, 0.31, 0.02]),
            method("ridge VAR(1)", [0.659, 0.28, -0.05]),
            method("persistence", [0.637, 0.14, -0.62]),
        ],
        trace_steps: 5,
        traces: (0..6)
            .map(|neuron| TracePair {
                name: worm_name(neuron),
                model: truth(neuron).iter().map(|value| 0.8 * value).collect(),
                truth: truth(neuron),
            })
            .collect(),
        trace_time_s,
    }
}

fn wiring() -> WiringComparison {
    let score = |method: &str, auroc: f64, average_precision: f64| WiringScore {
        method: method.to_owned(),
        auroc,
        auroc_interval: (method != "chance").then_some((auroc - 0.02, auroc + 0.021)),
        average_precision,
        average_precision_interval: (method != "chance")
            .then_some((average_precision - 0.012, average_precision + 0.015)),
    };
    let reference = |name: &str, n_connected: usize, values: [f64; 4]| {
        let methods = ["model", "correlation", "partial correlation", "chance"];
        let chance = n_connected as f64 / 9312.0;
        let scores = methods
            .iter()
            .zip(values)
            .map(|(method, auroc)| score(method, auroc, chance + 0.5 * (auroc - 0.5)));
        WiringReference { name: name.to_owned(), n_pairs: 9312, n_connected, scores: scores.collect() }
    };
    WiringComparison {
        matching: "97 of 142 neurons were matched by name; 45 unnamed ones are left out.".to_owned(),
        references: vec![
            reference("chemical synapses", 1107, [0.571, 0.563, 0.528, 0.5]),
            reference("gap junctions", 412, [0.622, 0.633, 0.54, 0.5]),
            reference("functional atlas, q < 0.05", 733, [0.566, 0.56, 0.531, 0.5]),
        ],
    }
}
