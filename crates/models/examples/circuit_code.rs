//! From planted factors of surrogate tissue to a code, its directions, controlled circuits and reservoir scores.
//!
//! ```text
//! cargo run --release -p neuroloom-models --example circuit_code -- [circuits] [neurons] [epochs]
//! ```
//!
//! Every circuit is a tissue of its own, drawn with four factors. A conditional model is trained on them; then each
//! factor is sought among directions of the 32 numbers, six metrics are steered, and reservoir scores are predicted.

#![allow(clippy::print_stdout, reason = "the output is the product")]

use std::time::Instant;

use ndarray::{Array2, Axis};
use neuroloom_analysis::readout::FoldConfig;
use neuroloom_core::{Circuit, CircuitOrigin, CircuitPart, CircuitSet, Seed, Silent};
use neuroloom_models::Error;
use neuroloom_models::circuit_vae::directions::{
    AttributionConfig, CodedCircuits, DirectionConfig, Regressor, attribute_metrics, directions,
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

const FACTORS: [&str; 4] = ["density", "reciprocity", "decay", "out-spread"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let mut next = |default: usize| arguments.next().unwrap_or(Ok(default));
    let (n_circuits, n_neurons, epochs) = (next(500)?, next(100)?, next(150)?);
    let begin = Instant::now();
    let made: Result<Vec<(Circuit, Vec<f64>)>, _> =
        (0..n_circuits as u64).into_par_iter().map(|index| tissue(index, n_neurons)).collect();
    let (circuits, factors): (Vec<Circuit>, Vec<Vec<f64>>) = made?.into_iter().unzip();
    let part = |index: usize| match index % 10 {
        8 => CircuitPart::Validation,
        9 => CircuitPart::Test,
        _ => CircuitPart::Train,
    };
    let set = CircuitSet::new(circuits.clone(), (0..n_circuits).map(part).collect())?;
    let training = TrainingConfig { epochs, ..TrainingConfig::default() };
    let config = CircuitVaeConfig { training, ..CircuitVaeConfig::default() };
    let (model, history) = train(&set, &config, Seed(1), &NoCheckpoints, &Silent)?;
    println!(
        "{n_circuits} circuits; best epoch {}; {:.0} s",
        history.best_epoch,
        begin.elapsed().as_secs_f64()
    );
    let study = Study::new(model, &circuits, &factors)?;
    study.print_directions()?;
    study.print_attribution()?;
    study.print_control()?;
    study.print_reservoirs()?;
    println!("{:.0} s in all", begin.elapsed().as_secs_f64());
    Ok(())
}

fn tissue(index: u64, n_neurons: usize) -> Result<(Circuit, Vec<f64>), Error> {
    let mut rng = Seed(21).nth(index).rng();
    let factors: Vec<f64> = vec![
        rng.random_range(-0.6..0.6),
        rng.random_range(0.0..1.6),
        rng.random_range(-0.5..0.5),
        rng.random_range(0.1..1.0),
    ];
    let mut config = TissueConfig {
        n_neurons,
        reciprocity: factors[1].exp(),
        out_spread: factors[3],
        ..TissueConfig::default()
    };
    config.probability.iter_mut().flatten().for_each(|p| *p = (*p * factors[0].exp()).min(1.0));
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

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

impl<'a> Study<'a> {
    fn new(model: CircuitVae, circuits: &'a [Circuit], factors: &[Vec<f64>]) -> Result<Self, Error> {
        let code = |circuit: &Circuit| -> Result<(Vec<f64>, f64), Error> {
            let code = model.encode(&model.example(circuit)?)?;
            Ok((code.mean.iter().map(|value| f64::from(*value)).collect(), code.kl().iter().sum()))
        };
        let coded: Result<Vec<(Vec<f64>, f64)>, Error> = circuits.par_iter().map(code).collect();
        let (codes, kl): (Vec<Vec<f64>>, Vec<f64>) = coded?.into_iter().unzip();
        let codes = table(&codes);
        let active = codes.var_axis(Axis(0), 0.0).iter().filter(|variance| **variance > 0.01).count();
        println!("rate {:.1} nats, {active} active numbers", kl.iter().sum::<f64>() / kl.len() as f64);
        let metrics: Vec<Vec<f64>> = circuits.par_iter().map(measure_targets).collect();
        let size: Vec<Vec<f64>> =
            circuits.iter().map(|one| vec![one.n_neurons() as f64, one.n_edges() as f64]).collect();
        Ok(Self {
            model,
            circuits,
            codes,
            factors: table(factors),
            metrics: table(&metrics),
            size: table(&size),
        })
    }

    fn rows(&self, test: bool) -> Vec<usize> {
        (0..self.circuits.len()).filter(|index| (index % 10 == 9) == test).collect()
    }

    fn print_directions(&self) -> Result<(), Error> {
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
        let truth = directions(&names, &held, None, &config, &Silent)?;
        println!(
            "\ndirection        CV R2  held-out  from size  beyond size  p      cosine with test circuits' own"
        );
        for one in &found.directions {
            let other = truth.directions.iter().find(|other| other.metric == one.metric);
            let cosine =
                other.map_or(f64::NAN, |other| one.unit.iter().zip(&other.unit).map(|(a, b)| a * b).sum());
            println!(
                "{:15} {:6.3}  {:8.3}  {:9.3}  {:11.3}  {:.3}  {cosine:.3}",
                one.metric,
                one.r2_cv,
                one.r2_held_out.unwrap_or(f64::NAN),
                one.r2_size,
                one.r2_beyond_size,
                one.p_value
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
        let config = ReservoirConfig { n_seeds: 3, ..ReservoirConfig::default() };
        let tasks = [Task::MemoryCapacity, Task::Narma10, Task::MackeyGlass, Task::Waveform, Task::Parity];
        let all: Vec<&Circuit> = self.circuits.iter().take(200).collect();
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
