//! Circuits on demand: steered codes, decoded, measured, exported.

use std::fmt::Write;

use neuroloom_analysis::readout::FoldConfig;
use neuroloom_core::{Circuit, CircuitPart, CircuitSet, Event, Listener, Seed};
use neuroloom_models::circuit_vae::directions::CodedCircuits;
use neuroloom_models::circuit_vae::synthesize::{
    CodeSpace, ControlCurve, Controller, CurveConfig, Generator, Outcome, Request, SteeringConfig, TARGETS,
    Target, Tilt, control_curve, measure_targets, synthesize as steer_and_draw,
};
use serde::{Deserialize, Serialize};

use super::{TrainedCode, explore, generation, page};
use crate::Error;
use crate::experiment::{Artefact, RunDir};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct SynthesisConfig {
    /// Seed of everything random.
    pub seed: u64,
    /// Statistics and the values they are to have.
    pub set: Vec<(String, f64)>,
    /// Statistics that are asked for over the whole range of the data, one curve a controller.
    pub curves: Vec<String>,
    /// How codes are found; several only for curves.
    pub controllers: Vec<Controller>,
    /// Circuits for each request.
    pub count: usize,
    /// Values of a curve within the 5 to 95 % range of the data.
    pub values: usize,
    /// Settings of the controllers.
    pub steering: SteeringConfig,
}

/// What came: `synthesis.json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Synthesis {
    /// What became of the request of `set`.
    pub outcome: Option<Outcome>,
    /// Lowest and highest mean that the controller reached for each statistic of `set`.
    pub reachable: Vec<(String, f64, f64)>,
    /// Curves over the range of the data.
    pub curves: Vec<ControlCurve>,
    /// Circuits that the request of `set` made.
    #[serde(skip)]
    pub circuits: Vec<Circuit>,
}

impl Default for SynthesisConfig {
    fn default() -> Self {
        Self {
            seed: 42,
            set: Vec::new(),
            curves: Vec::new(),
            controllers: vec![Controller::ClosedLoop],
            count: 20,
            values: 9,
            steering: SteeringConfig::default(),
        }
    }
}

/// Makes circuits with the statistics that were asked for and writes `synthesis.json`, a table and what the report
/// shows.
///
/// # Errors
/// [`Error::Setting`] where nothing or something unknown is asked for; what steering says.
pub fn synthesize(
    code: &TrainedCode,
    config: &SynthesisConfig,
    run: &RunDir,
    events: &dyn Listener,
) -> Result<Synthesis, Error> {
    check(config)?;
    let training: Vec<&Circuit> = [CircuitPart::Train, CircuitPart::Validation]
        .into_iter()
        .flat_map(|part| code.set.of_part(part))
        .collect();
    let like = generation::reference(&code.set);
    let decode = |code_of: &[f64], tilt: &Tilt, seed: Seed| -> Result<Circuit, neuroloom_models::Error> {
        let code_of: Vec<f32> = code_of.iter().map(|&value| value as f32).collect();
        // Which neurons a circuit gets depends on the draw alone, so that codes are compared on the same ones.
        let like = &like[(seed.split("neurons").0 % like.len() as u64) as usize];
        generation::decode(&code.model, (&code_of, tilt), like, seed)
    };
    let generator = Generator { decode: &decode, measure: &measure_targets };
    let space = space(code, &training)?;
    let space = match config.controllers.iter().any(|one| one.is_closed_loop()) {
        true => space.probed(&generator, Seed(config.seed).split("probes"))?,
        false => space,
    };
    let model = (&generator, &space);
    let (outcome, circuits, reachable) = match config.set.is_empty() {
        true => (None, Vec::new(), Vec::new()),
        false => {
            events.emit(Event::Started { stage: "synthesize", total: None });
            let (outcome, circuits) = request(model, config, &training)?;
            let reachable = reachable(model, config)?;
            events.emit(Event::Finished);
            (Some(outcome), circuits, reachable)
        }
    };
    let curves = curves(model, config, &training, events)?;
    let found = Synthesis { outcome, reachable, curves, circuits };
    if !found.circuits.is_empty() {
        let set = CircuitSet::unsplit(found.circuits.clone());
        neuroloom_io::write_circuit_set(&run.place(Artefact::Circuits)?, &set)?;
    }
    run.write_json(Artefact::Synthesis, &found)?;
    run.write_text(Artefact::ControlTable, &table(&found))?;
    run.write_json(Artefact::Exploration, &page::synthesized(&found, config))?;
    Ok(found)
}

fn check(config: &SynthesisConfig) -> Result<(), Error> {
    let unknown = |name: &&String| !TARGETS.contains(&name.as_str());
    let asked = config.set.iter().map(|(name, _)| name).chain(&config.curves);
    let refuse = |key, given: String, allowed: String| Err(Error::Setting { key, given, allowed });
    if let Some(name) = asked.clone().find(unknown) {
        return refuse("set", name.clone(), TARGETS.join(", "));
    }
    if asked.count() == 0 {
        return refuse(
            "set",
            "nothing".to_owned(),
            "one statistic or more, such as reciprocity=0.15".to_owned(),
        );
    }
    if config.controllers.is_empty() || (!config.set.is_empty() && config.controllers.len() > 1) {
        let given = config.controllers.len().to_string();
        return refuse("controller", given, "one; several only with --curve".to_owned());
    }
    match config.count {
        0 => refuse("count", "0".to_owned(), "1 or more".to_owned()),
        _ => Ok(()),
    }
}

/// What is known of codes and statistics of training circuits.
fn space(code: &TrainedCode, training: &[&Circuit]) -> Result<CodeSpace, Error> {
    let codes = generation::codes(&code.model, training.iter().copied())?;
    let rows: Vec<Vec<f64>> = training.iter().map(|circuit| measure_targets(circuit)).collect();
    let metrics =
        ndarray::Array2::from_shape_fn((rows.len(), TARGETS.len()), |(row, column)| rows[row][column]);
    let size = explore::size(training);
    let given = CodedCircuits { codes: codes.view(), metrics: metrics.view(), size: size.view() };
    Ok(CodeSpace::fit(&TARGETS.map(ToOwned::to_owned), &given, &FoldConfig::default())?)
}

type Model<'a> = (&'a Generator<'a>, &'a CodeSpace);

fn targets(space: &CodeSpace, set: &[(String, f64)]) -> Vec<Target> {
    set.iter()
        .filter_map(|(name, value)| Some(Target { metric: space.metric(name)?, value: *value }))
        .collect()
}

fn request(
    model: Model<'_>,
    config: &SynthesisConfig,
    training: &[&Circuit],
) -> Result<(Outcome, Vec<Circuit>), Error> {
    let targets = targets(model.1, &config.set);
    let request = Request { start: model.1.mean_code(), targets: &targets, held: &[] };
    let seed = Seed(config.seed).split("synthesize");
    Ok(steer_and_draw(
        config.controllers[0],
        model,
        &request,
        (&config.steering, training, config.count),
        seed,
    )?)
}

/// How far the controller gets when each statistic is asked for far outside of the data.
fn reachable(model: Model<'_>, config: &SynthesisConfig) -> Result<Vec<(String, f64, f64)>, Error> {
    let seed = Seed(config.seed).split("reachable");
    let mut found = Vec::new();
    for (name, _) in &config.set {
        let Some(metric) = model.1.metric(name) else { continue };
        let known = &model.1.metrics()[metric];
        let reach = |value: f64| -> Result<f64, Error> {
            let targets = [Target { metric, value }];
            let request = Request { start: model.1.mean_code(), targets: &targets, held: &[] };
            let how = (&config.steering, &[][..], config.count.min(16));
            let (outcome, _) = steer_and_draw(config.controllers[0], model, &request, how, seed)?;
            Ok(outcome.targets[0].achieved)
        };
        let ends = (reach((known.low - 4.0 * known.sd).max(1e-6))?, reach(known.high + 4.0 * known.sd)?);
        found.push((name.clone(), ends.0.min(ends.1), ends.0.max(ends.1)));
    }
    Ok(found)
}

fn curves(
    model: Model<'_>,
    config: &SynthesisConfig,
    training: &[&Circuit],
    events: &dyn Listener,
) -> Result<Vec<ControlCurve>, Error> {
    let settings = CurveConfig {
        n_values: config.values,
        n_draws: config.count,
        steering: config.steering,
        ..CurveConfig::default()
    };
    let mut found = Vec::new();
    for name in &config.curves {
        let Some(metric) = model.1.metric(name) else { continue };
        for &controller in &config.controllers {
            let seed = Seed(config.seed).split("curves").split(name);
            found.push(control_curve(controller, model, metric, (&settings, training), (seed, events))?);
        }
    }
    Ok(found)
}

/// One row a statistic and value asked.
fn table(found: &Synthesis) -> String {
    let mut table = "controller,statistic,asked,achieved,sd,unsteered,prior_percentile\n".to_owned();
    let of_curves = found.curves.iter().flat_map(|curve| curve.points.iter().map(|point| &point.outcome));
    for outcome in found.outcome.iter().chain(of_curves) {
        for target in &outcome.targets {
            // Writing to a string cannot fail.
            let _ = writeln!(
                table,
                "{},{},{:.6},{:.6},{:.6},{:.6},{:.6}",
                outcome.controller.name(),
                target.metric,
                target.asked,
                target.achieved,
                target.sd,
                target.unsteered,
                outcome.prior_percentile
            );
        }
    }
    table
}
