//! From planted factors of surrogate tissue to a code, its directions, controlled circuits and reservoir scores.
//!
//! ```text
//! cargo run --release -p neuroloom-models --example circuit_code -- [circuits] [neurons] [epochs] [part]...
//! ```
//!
//! Every circuit is a tissue of its own, drawn with four factors. A conditional model is trained on them; then each
//! factor is sought among directions of the 32 numbers, six metrics are steered, and reservoir scores are predicted.
//! Parts: `directions`, `attribution`, `control`, `reservoirs`, `controls`; all without one.
//!
//! What can be known of a factor is limited: a circuit is one noisy draw from its rules. So beside the code stands the
//! same regression from counted statistics of the circuits themselves, and the truth that a direction is compared with
//! is the regression on as many circuits again, which neither the model nor the direction has seen.

#![allow(clippy::print_stdout, reason = "the output is the product")]

use std::time::Instant;

use ndarray::{Array2, Axis};
use neuroloom_analysis::graph::comparison::{METRIC_NAMES, circuit_metrics};
use neuroloom_analysis::metrics::regression::pearson;
use neuroloom_analysis::readout::FoldConfig;
use neuroloom_core::{Circuit, CircuitOrigin, CircuitPart, CircuitSet, Seed, Silent};
use neuroloom_models::Error;
use neuroloom_models::circuit_vae::directions::{
    AttributionConfig, CodedCircuits, DirectionConfig, Directions, Regressor, attribute_metrics, directions,
};
use neuroloom_models::circuit_vae::reservoir::controls::{ControlConfig, compare_with_controls};
use neuroloom_models::circuit_vae::reservoir::structure_function::{
    StructureAndScores, partial_correlation, structure_function,
};
use neuroloom_models::circuit_vae::reservoir::{ReservoirConfig, Task, score_circuits};
use neuroloom_models::circuit_vae::synthesize::{
    CodeSpace, Controller, CurveConfig, Generator, TARGETS, control_curve, decoder, measure_targets,
};
use neuroloom_models::circuit_vae::{
    CircuitVae, CircuitVaeConfig, NoCheckpoints, NodeConditions, TrainingConfig, train,
};
use neuroloom_sim::{TissueConfig, simulate_tissue};
use rand::RngExt;
use rayon::prelude::*;

const TASKS: [Task; 5] =
    [Task::MemoryCapacity, Task::Narma10, Task::MackeyGlass, Task::Waveform, Task::Parity];
const FACTORS: [&str; 4] = ["density-factor", "mutual-factor", "decay-factor", "spread-factor"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |default: usize| arguments.next().map_or(Ok(default), |text| text.parse());
    let (n_circuits, n_neurons, epochs) = (next(500)?, next(100)?, next(60)?);
    let parts: Vec<String> = arguments.collect();
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|one| one == part);
    let begin = Instant::now();
    let (circuits, factors) = tissues(0..n_circuits as u64, n_neurons)?;
    let edges = circuits.iter().map(Circuit::n_edges).sum::<usize>() as f64 / n_circuits as f64;
    let part = |index: usize| match index % 10 {
        8 => CircuitPart::Validation,
        9 => CircuitPart::Test,
        _ => CircuitPart::Train,
    };
    let set = CircuitSet::new(circuits.clone(), (0..n_circuits).map(part).collect())?;
    let training = TrainingConfig { epochs, summary_weight: 20.0, ..TrainingConfig::default() };
    let config = CircuitVaeConfig { training, ..CircuitVaeConfig::default() };
    let (model, history) = train(&set, &config, Seed(1), &NoCheckpoints, &Silent)?;
    println!(
        "{n_circuits} circuits of {n_neurons} neurons, {edges:.0} edges on average; best epoch {}; {:.0} s",
        history.best_epoch,
        begin.elapsed().as_secs_f64()
    );
    let study = Study::new(model, &circuits, &factors)?;
    if wanted("directions") {
        let others = n_circuits as u64..2 * n_circuits as u64;
        study.print_directions(&tissues(others, n_neurons)?)?;
    }
    if wanted("attribution") {
        study.print_attribution()?;
    }
    if wanted("control") {
        study.print_control()?;
    }
    if wanted("reservoirs") {
        study.print_reservoirs()?;
    }
    if wanted("controls") {
        study.print_controls()?;
    }
    println!("{:.0} s in all", begin.elapsed().as_secs_f64());
    Ok(())
}

type Tissues = (Vec<Circuit>, Vec<Vec<f64>>);

fn tissues(indices: std::ops::Range<u64>, n_neurons: usize) -> Result<Tissues, Error> {
    let made: Result<Vec<(Circuit, Vec<f64>)>, _> =
        indices.into_par_iter().map(|index| tissue(index, n_neurons)).collect();
    Ok(made?.into_iter().unzip())
}

/// Three times as dense as the tissue of `simulate tissue`: with fewer than a hundred mutual pairs nobody could tell how
/// many times chance they are.
fn tissue(index: u64, n_neurons: usize) -> Result<(Circuit, Vec<f64>), Error> {
    let mut rng = Seed(21).nth(index).rng();
    let factors: Vec<f64> = vec![
        rng.random_range(-0.6..0.6),
        rng.random_range(-1.0..1.2),
        rng.random_range(-0.6..0.6),
        rng.random_range(0.1..1.2),
    ];
    let mut config = TissueConfig {
        n_neurons,
        reciprocity: factors[1].exp(),
        out_spread: factors[3],
        ..TissueConfig::default()
    };
    config.probability.iter_mut().flatten().for_each(|p| *p = (3.0 * *p * factors[0].exp()).min(1.0));
    config.types.iter_mut().for_each(|one| one.decay_um *= factors[2].exp());
    let made = simulate_tissue(&config, Seed(22).nth(index), &Silent)?;
    let origin = CircuitOrigin { method: "tissue".to_owned(), seed: index, ..CircuitOrigin::default() };
    Ok((Circuit::new(made.complete, origin), factors))
}

struct Study<'a> {
    model: CircuitVae,
    circuits: &'a [Circuit],
    codes: Array2<f64>,
    factors: Array2<f64>,
    metrics: Array2<f64>,
    size: Array2<f64>,
}

fn table(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_fn((rows.len(), rows[0].len()), |(row, column)| rows[row][column])
}

/// Cosine of two directions, and the correlation over circuits of what they read.
fn agreement(one: &[f64], other: &[f64], codes: &Array2<f64>) -> (f64, f64) {
    let cosine = one.iter().zip(other).map(|(a, b)| a * b).sum::<f64>();
    let spread = codes.std_axis(Axis(0), 0.0);
    let read = |unit: &[f64]| -> Vec<f64> {
        let value = |row: ndarray::ArrayView1<'_, f64>| -> f64 {
            row.iter().zip(&spread).zip(unit).map(|((z, sd), w)| w * z / sd.max(1e-9)).sum()
        };
        codes.rows().into_iter().map(value).collect()
    };
    (cosine, pearson(&read(one), &read(other)).unwrap_or(f64::NAN))
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Mean codes of circuits, and the mean rate in nats.
fn codes(model: &CircuitVae, circuits: &[Circuit]) -> Result<(Array2<f64>, f64), Error> {
    let code = |circuit: &Circuit| -> Result<(Vec<f64>, f64), Error> {
        let code = model.encode(&model.example(circuit)?)?;
        Ok((code.mean.iter().map(|value| f64::from(*value)).collect(), code.kl().iter().sum()))
    };
    let coded: Result<Vec<(Vec<f64>, f64)>, Error> = circuits.par_iter().map(code).collect();
    let (codes, kl): (Vec<Vec<f64>>, Vec<f64>) = coded?.into_iter().unzip();
    Ok((table(&codes), kl.iter().sum::<f64>() / kl.len() as f64))
}

fn sizes(circuits: &[Circuit]) -> Array2<f64> {
    table(&circuits.iter().map(|one| vec![one.n_neurons() as f64, one.n_edges() as f64]).collect::<Vec<_>>())
}

/// What can be counted of a circuit: fifteen metrics, and logarithms of edges, of mutual pairs and of edge lengths.
fn counted(circuit: &Circuit) -> Result<Vec<f64>, Error> {
    let metrics = circuit_metrics(circuit)?;
    let mut row: Vec<f64> = metrics.iter().map(|one| if one.is_finite() { *one } else { 0.0 }).collect();
    let (edges, n) = (circuit.connectome().edges(), circuit.n_neurons());
    let places = circuit.connectome().neurons().position_um().unwrap_or_default();
    let length = |i: usize, j: usize| -> f64 {
        (0..3).map(|axis| (places[i][axis] - places[j][axis]).powi(2)).sum::<f64>().sqrt()
    };
    let ends = || edges.pre.iter().zip(&edges.post).map(|(pre, post)| length(*pre as usize, *post as usize));
    let pairs = || (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j))).map(|(i, j)| length(i, j));
    let near = |lengths: &mut dyn Iterator<Item = f64>| -> f64 {
        let (sum, count) = lengths.fold((1e-9, 1e-9), |(sum, n), d| (sum + (-d / 50.0_f64).exp(), n + 1.0));
        (sum / count).ln()
    };
    let density = edges.len() as f64 / (n * (n - 1)) as f64;
    let spread = |ends: &[u32]| {
        let mut degrees = vec![0.0; n];
        ends.iter().for_each(|&end| degrees[end as usize] += 1.0);
        let mean = edges.len() as f64 / n as f64;
        let squares: f64 = degrees.iter().map(|degree: &f64| (degree - mean).powi(2)).sum();
        (squares / n as f64 / mean.max(1e-9)).max(1e-9).ln()
    };
    let reciprocity = metrics[METRIC_NAMES.iter().position(|one| *one == "reciprocity").unwrap_or(0)];
    row.extend([
        density.max(1e-9).ln(),
        (reciprocity / density.max(1e-9) + 0.1).ln(),
        near(&mut ends()) - near(&mut pairs()),
        spread(&edges.pre),
        spread(&edges.post),
    ]);
    Ok(row)
}

impl<'a> Study<'a> {
    fn new(model: CircuitVae, circuits: &'a [Circuit], factors: &[Vec<f64>]) -> Result<Self, Error> {
        let (codes, kl) = codes(&model, circuits)?;
        let active = codes.var_axis(Axis(0), 0.0).iter().filter(|variance| **variance > 0.01).count();
        println!("rate {kl:.1} nats, {active} active numbers; draws: {:?}", model.calibration());
        let metrics: Vec<Vec<f64>> = circuits.par_iter().map(measure_targets).collect();
        let (factors, metrics, size) = (table(factors), table(&metrics), sizes(circuits));
        Ok(Self { model, circuits, codes, factors, metrics, size })
    }

    fn rows(&self, test: bool) -> Vec<usize> {
        (0..self.circuits.len()).filter(|index| (index % 10 == 9) == test).collect()
    }

    /// Directions on the circuits that are not for testing, beside those on circuits that were made for it.
    fn print_directions(&self, (others, factors): &Tissues) -> Result<(), Error> {
        let values = ndarray::concatenate![Axis(1), self.factors, self.metrics];
        let names = owned(&[&FACTORS[..], &TARGETS[..]].concat());
        let [train, test] = [false, true].map(|test| {
            let rows = self.rows(test);
            [&self.codes, &values, &self.size].map(|part| part.select(Axis(0), &rows))
        });
        let [circuits, held] = [&train, &test].map(|[codes, metrics, size]| CodedCircuits {
            codes: codes.view(),
            metrics: metrics.view(),
            size: size.view(),
        });
        let config = DirectionConfig { n_permutations: 199, ..DirectionConfig::default() };
        let found = directions(&names, &circuits, Some(&held), &config, &Silent)?;
        let unshuffled = DirectionConfig { n_permutations: 1, ..config.clone() };
        let statistics: Result<Vec<Vec<f64>>, Error> =
            self.rows(false).par_iter().map(|&row| counted(&self.circuits[row])).collect();
        let statistics = table(&statistics?);
        let counted = CodedCircuits { codes: statistics.view(), ..circuits };
        let ceiling = directions(&names, &counted, None, &unshuffled, &Silent)?;
        let (codes, _) = codes(&self.model, others)?;
        let measured: Vec<Vec<f64>> = others.par_iter().map(measure_targets).collect();
        let values = ndarray::concatenate![Axis(1), table(factors), table(&measured)];
        let size = sizes(others);
        let fresh = CodedCircuits { codes: codes.view(), metrics: values.view(), size: size.view() };
        let truth = directions(&names, &fresh, None, &unshuffled, &Silent)?;
        println!(
            "\nfactor or metric  CV R2  held-out  counted  from size  p      cosine  correlation  of the truth"
        );
        for one in &found.directions {
            let same = |from: &Directions| from.directions.iter().find(|it| it.metric == one.metric).cloned();
            let (Some(best), Some(truth)) = (same(&ceiling), same(&truth)) else { continue };
            let (cosine, correlation) = agreement(&one.unit, &truth.unit, &codes);
            println!(
                "{:16} {:6.3}  {:8.3}  {:7.3}  {:9.3}  {:.3}  {cosine:6.3}  {correlation:11.3}  {:.3}",
                one.metric,
                one.r2_cv,
                one.r2_held_out.unwrap_or(f64::NAN),
                best.r2_cv,
                one.r2_size,
                one.p_value,
                truth.r2_cv
            );
        }
        Ok(())
    }

    fn space(&self) -> Result<CodeSpace, Error> {
        let circuits =
            CodedCircuits { codes: self.codes.view(), metrics: self.metrics.view(), size: self.size.view() };
        CodeSpace::fit(&owned(&TARGETS), &circuits, &FoldConfig::default())
    }

    fn print_attribution(&self) -> Result<(), Error> {
        let space = self.space()?;
        println!("\nregressor  metric           R2     participation ratio");
        for regressor in Regressor::ALL {
            let found = attribute_metrics(&space, regressor, &AttributionConfig::default(), Seed(1))?;
            for (metric, name) in found.metrics.iter().enumerate() {
                let ratio = found.entanglement.participation_ratio[metric];
                println!("{:10} {name:15} {:6.3}  {ratio:.1}", regressor.name(), found.r2[metric]);
            }
        }
        Ok(())
    }

    fn print_control(&self) -> Result<(), Error> {
        let space = self.space()?;
        let templates: Result<Vec<NodeConditions>, Error> = self
            .rows(true)
            .into_iter()
            .map(|row| Ok(self.model.example(&self.circuits[row])?.conditions))
            .collect();
        let templates = templates?;
        let decode = decoder(&self.model, &templates);
        let generator = Generator { decode: &decode, measure: &measure_targets };
        let training: Vec<&Circuit> = self.circuits.iter().collect();
        let config = CurveConfig { n_values: 7, n_beyond: 1, ..CurveConfig::default() };
        println!(
            "\ncontroller        metric        Spearman  slope  relative error  worst  MAE/sd  unsteered  side effect"
        );
        for controller in Controller::ALL {
            for (metric, name) in TARGETS.iter().enumerate() {
                let found = control_curve(
                    controller,
                    (&generator, &space),
                    metric,
                    (&config, &training),
                    (Seed(3), &Silent),
                )?;
                println!(
                    "{:17} {name:12} {:9.3}  {:5.2}  {:14.3}  {:5.3}  {:6.2}  {:9.2}  {:.2}",
                    controller.name(),
                    found.spearman,
                    found.slope,
                    found.relative_error,
                    found.worst_relative_error,
                    found.mean_absolute_error_sd,
                    found.unsteered_error_sd,
                    found.largest_side_effect
                );
            }
        }
        Ok(())
    }

    fn print_reservoirs(&self) -> Result<(), Error> {
        let (config, tasks) = (ReservoirConfig { n_seeds: 3, ..ReservoirConfig::default() }, TASKS);
        let all: Vec<&Circuit> = self.circuits.iter().collect();
        let begin = Instant::now();
        let scores = table(&score_circuits(&all, &config, &tasks, (Seed(1), &Silent))?);
        println!("\n{} reservoirs x 3 inputs x 5 tasks: {:.1} s", all.len(), begin.elapsed().as_secs_f64());
        let names: Vec<String> =
            tasks.iter().flat_map(|task| task.score_names()).map(|name| (*name).to_owned()).collect();
        let rows: Vec<usize> = (0..all.len()).collect();
        let [codes, metrics, size] =
            [&self.codes, &self.metrics, &self.size].map(|part| part.select(Axis(0), &rows));
        let question = StructureAndScores {
            codes: codes.view(),
            metrics: metrics.view(),
            metric_names: &owned(&TARGETS),
            size: size.view(),
            scores: scores.view(),
            score_names: &names,
        };
        println!("score                     R2 code  metrics  size    chance  p");
        for one in structure_function(&question, 99, Seed(1))?.models {
            println!(
                "{:24} {:8.3} {:8.3} {:7.3} {:7.3}  {:.2}",
                one.score, one.r2_code, one.r2_metrics, one.r2_size, one.r2_code_chance, one.p_code
            );
        }
        let density = size.column(1).to_owned().insert_axis(Axis(1));
        let memory = scores.column(0).to_vec();
        let found = partial_correlation(&memory, &metrics.column(1).to_vec(), density.view(), Seed(1))?;
        println!("memory with reciprocity: {found:?}");
        Ok(())
    }

    fn print_controls(&self) -> Result<(), Error> {
        let (config, tasks) = (ReservoirConfig { n_seeds: 3, ..ReservoirConfig::default() }, TASKS);
        let all: Vec<&Circuit> = self.circuits.iter().collect();
        let controls = ControlConfig { n_samples: 2, ..ControlConfig::default() };
        println!("\nscore                    control           circuits  control  difference");
        for row in compare_with_controls(&all[..20], &config, &tasks, &controls, &Silent)? {
            let interval = row.interval.map_or(String::new(), |(low, high)| format!("[{low:.3}, {high:.3}]"));
            println!(
                "{:24} {:16} {:9.3} {:8.3} {:8.3} {interval}",
                row.score,
                row.control.name(),
                row.circuits.0,
                row.controls.0,
                row.difference
            );
        }
        Ok(())
    }
}
