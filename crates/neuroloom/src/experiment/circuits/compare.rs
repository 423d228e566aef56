//! Two sets of circuits, beside the difference that is unavoidable and that of null models.

use neuroloom_analysis::graph::comparison::{
    LEAST_CIRCUITS, METRIC_NAMES, PgdInterval, SetDescription, SetDifference, difference, null_circuits,
    pgd_interval,
};
use neuroloom_analysis::graph::nulls::NullModel;
use neuroloom_core::{Circuit, CircuitPart, CircuitSet, Event, Listener, Seed};
use serde::Serialize;

use super::page;
use crate::Error;
use crate::experiment::{Artefact, RunDir};

/// What is compared besides the two sets.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ComparisonConfig {
    /// Name of the reference set, such as its folder.
    pub reference: String,
    /// Null models of the reference, each a column.
    pub nulls: Vec<NullModel>,
    /// Random halves of the sets on which the PolyGraph discrepancy is repeated; 0 leaves that out.
    pub n_subsamples: usize,
}

/// One set beside the reference.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SetColumn {
    /// What it is.
    pub label: String,
    /// Circuits compared.
    pub n_circuits: usize,
    /// Circuits left out because they have no neuron.
    pub n_empty: usize,
    /// How it differs from the reference.
    pub difference: SetDifference,
    /// How the PolyGraph discrepancy varies over halves of both sets, where they are large enough.
    pub pgd_interval: Option<PgdInterval>,
}

/// A comparison: every number beside the floor (two samples of one set) and beside null models.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SetComparison {
    /// What everything is compared with.
    pub reference: String,
    /// Circuits of the reference.
    pub n_reference: usize,
    /// The other sets first, then the floor, then the null models.
    pub columns: Vec<SetColumn>,
    /// Values of each metric, `[metric][set]`, the reference first.
    pub metric_values: Vec<(String, Vec<Vec<f64>>)>,
}

/// Compares a set with others and with null models of itself; where a folder is given, writes `comparison.json` and
/// what `report.html` is drawn from.
///
/// The reference is the test part of `set`, the floor its training part; a set that is not split is halved at random.
///
/// # Errors
/// [`Error::Analysis`] for fewer than eight circuits on a side, or a null model that needs types or positions.
pub fn compare_sets(
    set: &CircuitSet,
    others: Vec<(String, Vec<Circuit>)>,
    config: &ComparisonConfig,
    (seed, out): (Seed, Option<&RunDir>),
    events: &dyn Listener,
) -> Result<SetComparison, Error> {
    let sides = Sides::new(set, seed);
    let mut samples = others;
    samples.push((sides.floor_label.to_owned(), sides.floor));
    let n_columns = (samples.len() + config.nulls.len()) as u64;
    events.emit(Event::Started { stage: "compare", total: Some(n_columns) });
    for &model in &config.nulls {
        let label = format!("null: {}", model.name());
        samples.push((label, null_circuits(&sides.reference, model, seed)?));
    }
    let reference = SetDescription::new(&sides.reference)?;
    let (mut columns, mut described) = (Vec::new(), Vec::new());
    for (done, (label, circuits)) in samples.into_iter().enumerate() {
        if events.cancelled() {
            return Err(neuroloom_analysis::Error::Interrupted.into());
        }
        let one = SetDescription::new(&circuits)?;
        let difference = difference(&reference, &one, seed)?;
        let pgd_interval = pgd_interval((&reference, &one), config.n_subsamples, seed)?;
        let (n_circuits, n_empty) = (one.len(), one.n_empty());
        columns.push(SetColumn { label, n_circuits, n_empty, difference, pgd_interval });
        described.push(one);
        events.emit(Event::Step { done: done as u64 + 1, loss: None });
    }
    events.emit(Event::Finished);
    let values = |name: &&str| {
        let sets = std::iter::once(&reference).chain(&described).map(|set| set.metric(name)).collect();
        ((*name).to_owned(), sets)
    };
    let comparison = SetComparison {
        reference: format!("{} ({})", config.reference, sides.reference_label),
        n_reference: reference.len(),
        columns,
        metric_values: METRIC_NAMES.iter().map(values).collect(),
    };
    if let Some(run) = out {
        run.write_json(Artefact::Comparison, &comparison)?;
        run.write_json(Artefact::Exploration, &page::report_data(&comparison))?;
    }
    Ok(comparison)
}

/// The reference, and the sample that it should be like.
struct Sides {
    reference: Vec<Circuit>,
    reference_label: &'static str,
    floor: Vec<Circuit>,
    floor_label: &'static str,
}

impl Sides {
    fn new(set: &CircuitSet, seed: Seed) -> Self {
        let of = |part| set.of_part(part).cloned().collect::<Vec<Circuit>>();
        let (test, train) = (of(CircuitPart::Test), of(CircuitPart::Train));
        if test.len() >= LEAST_CIRCUITS && train.len() >= LEAST_CIRCUITS {
            return Self {
                reference: test,
                reference_label: "test part",
                floor: train,
                floor_label: "floor: training part",
            };
        }
        let order = shuffled(set.len(), seed.split("halves"));
        let half = |side: usize| {
            order
                .iter()
                .skip(side)
                .step_by(2)
                .map(|&one| set.circuits()[one].clone())
                .collect::<Vec<Circuit>>()
        };
        Self {
            reference: half(0),
            reference_label: "one half",
            floor: half(1),
            floor_label: "floor: other half",
        }
    }
}

/// Positions in random order: sorted by a number that each draws of its own.
fn shuffled(n: usize, seed: Seed) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by_key(|&one| (seed.nth(one as u64).0, one));
    order
}
