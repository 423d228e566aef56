//! From fitted functions to formulas: phi of each type and psi as short expressions with their Pareto fronts.
//!
//! Each function is sampled where the recording visited it, each point weighted by its visits; phi of a type is
//! the mean over its neurons, again weighted by visits. [`symbolic`](neuroloom_analysis::symbolic) proposes,
//! refines, reduces and chooses, by the rule stated there. Where all coefficients of the chosen form are left
//! free, their spread over single neurons is told too.

mod curves;
mod known;
mod search;
mod spread;
mod visits;

use neuroloom_analysis::symbolic::{Candidate, Discovery, SymbolicConfig};
use neuroloom_core::{Event, FrameSource, Listener, Seed, Truth};
use serde::{Deserialize, Serialize};

use self::curves::SampledCurve;
use self::visits::Visits;
use super::Mechanism;
use crate::Error;

/// What formulas are made from.
#[derive(Clone, Copy)]
pub struct DistillInputs<'a> {
    /// The recording that the model was fitted to: where was it, and how often?
    pub activity: &'a dyn FrameSource,
    /// What the simulation knows, to tell the true formulas.
    pub truth: Option<&'a Truth>,
    /// Settings of the search.
    pub config: &'a SymbolicConfig,
    /// Seed of everything random.
    pub seed: Seed,
}

/// Formulas of one fit: `formulas.json`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Formulas {
    /// The rule that chose, in words with its numbers.
    pub rule: String,
    /// phi, one a type (the largest types first come, at most 32).
    pub update: Vec<Formula>,
    /// psi, one a function that the model has.
    pub transfer: Vec<Formula>,
}

/// One function as a formula.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Formula {
    /// Which function: `type 1`, `psi`.
    pub name: String,
    /// The chosen form, such as `-x + 2 tanh(x)`.
    pub text: String,
    /// The same in LaTeX.
    pub latex: String,
    /// The chosen form with every coefficient free.
    pub freed: String,
    /// The same in LaTeX.
    pub freed_latex: String,
    /// Its coefficients in the order of writing.
    pub coefficients: Vec<Coefficient>,
    /// Neurons that the function is averaged over.
    pub n_neurons: usize,
    /// Unexplained share of the visit-weighted variance by the chosen form.
    pub unexplained: f64,
    /// The same with every coefficient free.
    pub freed_unexplained: f64,
    /// The true formula in the same gauge, where known.
    pub truth: Option<String>,
    /// Largest relative error of a free coefficient, where the form is the true one.
    pub largest_coefficient_error: Option<f64>,
    /// The best form of each length.
    pub front: Vec<FrontEntry>,
    /// Place of the chosen form in `front`.
    pub chosen: usize,
    /// The curve and the formula on it.
    pub curve: FormulaCurve,
}

/// A free coefficient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coefficient {
    /// Its value on the mean curve.
    pub value: f64,
    /// Standard deviation over single neurons fitted one by one; absent for psi.
    pub sd_over_neurons: Option<f64>,
}

/// One line of the Pareto table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrontEntry {
    /// The form.
    pub text: String,
    /// The same in LaTeX.
    pub latex: String,
    /// Its length.
    pub symbols: usize,
    /// Unexplained share of the visit-weighted variance.
    pub unexplained: f64,
    /// What the rule compares; lower is better.
    pub score: f64,
}

/// A function on the states that were visited.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct FormulaCurve {
    /// Activity.
    pub x: Vec<f64>,
    /// The fitted function.
    pub y: Vec<f64>,
    /// The chosen formula.
    pub formula: Vec<f64>,
    /// Share of the visits.
    pub weight: Vec<f64>,
}

/// Finds formulas for phi of each type and for psi.
///
/// The same seed gives the same formulas for any number of threads.
///
/// # Errors
/// [`Error::Mismatch`] if the recording has other neurons than the model, [`Error::Analysis`] for a bad setting
/// or a curve that nothing can be fitted to, [`Error::Core`] if frames cannot be read, [`Error::Interrupted`].
pub fn distill(
    mechanism: &Mechanism,
    inputs: &DistillInputs<'_>,
    events: &dyn Listener,
) -> Result<Formulas, Error> {
    inputs.config.check()?;
    let given = inputs.activity.shape().n_neurons;
    if given != mechanism.n_neurons() {
        return Err(Error::Mismatch { what: "the recording", given, expected: mechanism.n_neurons() });
    }
    let visits = Visits::count(mechanism, inputs.activity, events)?;
    let (update, transfer) = (curves::updates(mechanism, &visits)?, curves::transfers(mechanism, &visits)?);
    let all: Vec<&SampledCurve> = update.iter().chain(&transfer).collect();
    let found = search::discover(&all, inputs, events)?;
    let mut formulas = Vec::new();
    for (curve, discovery) in all.iter().zip(&found) {
        formulas.push(formula(mechanism, curve, discovery, (inputs, &visits))?);
    }
    let transfer = formulas.split_off(update.len());
    Ok(Formulas { rule: rule(inputs.config), update: formulas, transfer })
}

fn formula(
    mechanism: &Mechanism,
    curve: &SampledCurve,
    discovery: &Discovery,
    (inputs, visits): (&DistillInputs<'_>, &Visits),
) -> Result<Formula, Error> {
    let chosen = discovery.chosen();
    let freed = &discovery.freed.expression;
    let spread = spread::over_neurons(mechanism, curve, freed, visits)?;
    let coefficients = freed.constants().into_iter().enumerate();
    let known = inputs.truth.and_then(|truth| known::expression(truth, curve));
    Ok(Formula {
        name: curve.name.clone(),
        text: chosen.expression.to_string(),
        latex: chosen.expression.latex(),
        freed: freed.to_string(),
        freed_latex: freed.latex(),
        coefficients: coefficients
            .map(|(place, value)| Coefficient { value, sd_over_neurons: spread.get(place).copied() })
            .collect(),
        n_neurons: curve.neurons.len(),
        unexplained: chosen.unexplained,
        freed_unexplained: discovery.freed.unexplained,
        largest_coefficient_error: known.as_ref().and_then(|known| known::largest_error(known, freed)),
        truth: known.map(|known| known.to_string()),
        front: discovery.front.iter().map(entry).collect(),
        chosen: discovery.chosen,
        curve: FormulaCurve {
            x: curve.samples.x().to_vec(),
            y: curve.samples.y().to_vec(),
            formula: chosen.expression.values(curve.samples.x()),
            weight: curve.samples.weight().to_vec(),
        },
    })
}

fn entry(candidate: &Candidate) -> FrontEntry {
    FrontEntry {
        text: candidate.expression.to_string(),
        latex: candidate.expression.latex(),
        symbols: candidate.symbols,
        unexplained: candidate.unexplained,
        score: candidate.score,
    }
}

fn rule(config: &SymbolicConfig) -> String {
    format!(
        "Of the best form of each length the one with the lowest ln(u) + {} x symbols: each further symbol must cut \
         the unexplained variance u by {:.0} %. A residual below {} % of the curve's standard deviation counts as \
         that. A coefficient that the rule does not need to be free is 1 or -1.",
        config.symbol_price,
        100.0 * (1.0 - (-config.symbol_price).exp()),
        100.0 * config.tolerance,
    )
}

/// Stops where the user asked to.
fn check_cancelled(events: &dyn Listener) -> Result<(), Error> {
    if events.cancelled() { Err(Error::Interrupted { stage: "formulas" }) } else { Ok(()) }
}

/// Tells the start of a part.
fn started(events: &dyn Listener, stage: &'static str, total: usize) {
    events.emit(Event::Started { stage, total: Some(total as u64) });
}
