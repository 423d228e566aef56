//! `neuroloom compare A B`: two sets of circuits.

use neuroloom_analysis::graph::comparison::PgdInterval;
use neuroloom_core::Seed;

use super::Session;
use super::args::CompareArgs;
use super::console::Format;
use super::render::{TextTable, score};
use crate::Error;
use crate::experiment::circuits::{ComparisonConfig, SetColumn, SetComparison, compare_sets};
use crate::experiment::{Artefact, ExperimentConfig, InputFile, Provenance, RunDir, stages};

/// As many as the reference implementation of the PolyGraph discrepancy draws.
const N_SUBSAMPLES: usize = 10;

/// A row of the table, by what it shows.
type IntervalRow = (&'static str, fn(&PgdInterval) -> f64);

const PGD_OF_HALVES: [IntervalRow; 4] = [
    ("PGD of halves, mean", |found| found.pgd.0),
    ("PGD of halves, sd", |found| found.pgd.1),
    ("PGD directed of halves, mean", |found| found.pgd_directed.0),
    ("PGD directed of halves, sd", |found| found.pgd_directed.1),
];

pub(super) fn compare(session: &Session, args: &CompareArgs) -> Result<(), Error> {
    let seed = Seed(session.seed.unwrap_or(ExperimentConfig::default().seed));
    let set = neuroloom_io::read_circuit_set(&args.folder)?;
    let other = args.other.as_deref().map(neuroloom_io::read_circuit_set).transpose()?;
    let label = args.other.as_ref().map(|other| other.display().to_string()).unwrap_or_default();
    let others = other.map(|other| (label, other.circuits().to_vec())).into_iter().collect();
    let config = ComparisonConfig {
        reference: args.folder.display().to_string(),
        nulls: args.null.clone(),
        n_subsamples: N_SUBSAMPLES,
    };
    let run = args.out.as_deref().map(RunDir::create).transpose()?;
    if let Some(run) = &run {
        let mut provenance = Provenance::new(&session.command, seed.0);
        let reference = InputFile::read("reference", &args.folder)?;
        let other = args.other.as_deref().map(|path| InputFile::read("other", path)).transpose()?;
        provenance.inputs = std::iter::once(reference).chain(other).collect();
        run.write_json(Artefact::Provenance, &provenance)?;
    }
    let found = compare_sets(&set, others, &config, (seed, run.as_ref()), &session.progress);
    let found = found.map_err(|error| error.in_stage("compare"))?;
    if let Some(run) = &run {
        stages::report(run, &session.progress)?;
    }
    if session.console.format == Format::Json {
        session.console.result(&format!("{:#}", serde_json::json!(found)));
    } else {
        session.console.summary(&text(&found));
    }
    Ok(())
}

fn text(found: &SetComparison) -> String {
    let labels: Vec<&str> = found.columns.iter().map(|column| column.label.as_str()).collect();
    let mut table = TextTable::new(&[&[""][..], &labels].concat());
    let mut row = |name: &str, of: &dyn Fn(&SetColumn) -> f64| {
        let cells: Vec<String> = found.columns.iter().map(|column| number(of(column))).collect();
        let cells: Vec<&str> = std::iter::once(name).chain(cells.iter().map(String::as_str)).collect();
        table.row(&cells);
    };
    row("circuits", &|column| column.n_circuits as f64);
    row("PGD", &|column| column.difference.pgd);
    row("PGD directed", &|column| column.difference.pgd_directed);
    for (name, of) in PGD_OF_HALVES {
        row(name, &|column| column.pgd_interval.as_ref().map_or(f64::NAN, of));
    }
    row("AUROC (chance 0.5)", &|column| column.difference.classifier_auroc);
    let first = &found.columns[0].difference;
    for (place, one) in first.descriptors.iter().enumerate() {
        let mmd = |column: &SetColumn| column.difference.descriptors[place].mmd;
        if one.mmd.is_finite() {
            row(&format!("MMD2 {}", one.name), &mmd);
        }
    }
    for (place, one) in first.descriptors.iter().enumerate() {
        row(&format!("RBF-MMD2 {}", one.name), &|column| column.difference.descriptors[place].rbf_mmd);
    }
    for (place, one) in first.metrics.iter().enumerate() {
        row(&format!("KS {}", one.name), &|column| column.difference.metrics[place].ks);
    }
    for one in &first.attributes {
        let value = |column: &SetColumn| {
            let same = column.difference.attributes.iter().find(|other| other.name == one.name);
            same.map_or(f64::NAN, |other| other.value)
        };
        row(one.name, &value);
    }
    format!("reference: {}, {} circuits\n\n{}", found.reference, found.n_reference, table.render())
}

fn number(value: f64) -> String {
    match value {
        value if value.is_finite() && value != 0.0 && value.abs() < 1e-3 => format!("{value:.1e}"),
        value if value.fract() == 0.0 && value.abs() >= 2.0 => format!("{value:.0}"),
        value => score(value),
    }
}
