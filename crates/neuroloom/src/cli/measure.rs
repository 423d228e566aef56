//! `neuroloom measure`.

use serde_json::Value;

use super::args::MeasureArgs;
use super::console::Format;
use super::render::{TextTable, score};
use super::{Session, finish_folder};
use crate::Error;
use crate::experiment::measuring::{self, MeasureSettings, Measured};
use crate::experiment::{Artefact, InputFile, Provenance, RunDir, stages};

pub(super) fn measure(session: &Session, args: MeasureArgs) -> Result<(), Error> {
    let run = args.out.as_deref().map(RunDir::create).transpose()?;
    let settings = settings(session, args);
    if let Some(run) = &run {
        begin(session, &settings, run)?;
    }
    let measured = measuring::measure_all(&settings, &session.progress)?;
    for warning in measured.iter().flat_map(|one| &one.warnings) {
        session.console.warning(warning);
    }
    if let Some(run) = &run {
        measuring::write(run, &measured)?;
        finish_folder(run, measured.iter().flat_map(|one| one.warnings.clone()).collect())?;
        stages::report(run, &session.progress)?;
    }
    print(session, &measured, run.as_ref());
    Ok(())
}

fn settings(session: &Session, args: MeasureArgs) -> MeasureSettings {
    let default = MeasureSettings::default();
    MeasureSettings {
        seed: session.seed.unwrap_or(default.seed),
        inputs: args.inputs,
        nodes: args.nodes,
        kind: args.kind,
        traced: args.traced.unwrap_or_default(),
        nulls: args.nulls,
        samples: args.samples,
        swaps_per_edge: args.swaps,
        bin_um: args.bin_um,
        small_world_draws: args.small_world.unwrap_or(0),
    }
}

/// Config and provenance stand there before anything is computed.
fn begin(session: &Session, settings: &MeasureSettings, run: &RunDir) -> Result<(), Error> {
    let text = toml::to_string(settings)
        .map_err(|error| Error::Config { path: run.path(Artefact::Config), reason: error.to_string() })?;
    run.write_text(Artefact::Config, &text)?;
    let mut provenance = Provenance::new(&session.command, settings.seed);
    let read = settings.inputs.iter().map(|path| InputFile::read("connectome", path));
    provenance.inputs = read.collect::<Result<_, _>>()?;
    run.write_json(Artefact::Provenance, &provenance)
}

fn print(session: &Session, measured: &[Measured], run: Option<&RunDir>) {
    if session.console.format == Format::Json {
        let all: Vec<Value> = measured.iter().map(Measured::to_json).collect();
        let result = match all.as_slice() {
            [one] => format!("{one:#}"),
            several => format!("{:#}", Value::from(several)),
        };
        session.console.result(&result);
        return;
    }
    let shown = if measured.len() > measuring::MOST_COLUMNS {
        session.console.summary(&format!("{} circuits\n\n{}\n", measured.len(), spread(measured)));
        &[]
    } else {
        measured
    };
    for one in shown {
        session.console.summary(&format!("{}\n\n{}\n", one.input.display(), numbers(one)));
        if !one.nulls.is_empty() {
            session.console.summary(&format!("{}\n", z_scores(one)));
        }
    }
    if let Some(run) = run {
        session.console.summary(&format!("report  {}", run.path(Artefact::Report).display()));
    }
}

fn spread(many: &[Measured]) -> String {
    let mut table = TextTable::new(&["number", "mean", "sd", "least", "median", "greatest", "circuits"]);
    for spread in measuring::spreads(many) {
        let values = spread.values.map(readable);
        let n_defined = spread.n_defined.to_string();
        let cells = std::iter::once(&spread.name).chain(&values).chain([&n_defined]);
        table.row(&cells.map(String::as_str).collect::<Vec<&str>>());
    }
    table.render()
}

fn numbers(one: &Measured) -> String {
    let mut table = TextTable::new(&["number", "value"]);
    for number in &one.measures.values {
        table.row(&[&number.name, &readable(number.value)]);
    }
    table.render()
}

fn z_scores(one: &Measured) -> String {
    let names: Vec<String> = one.nulls.iter().map(|null| format!("z ({})", null.model.name())).collect();
    let heads: Vec<&str> =
        ["number", "observed"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let mut table = TextTable::new(&heads);
    let rows = one.nulls.first().map_or(&[][..], |null| null.rows.as_slice());
    for (place, row) in rows.iter().enumerate() {
        let scores = one.nulls.iter().map(|null| null.rows[place].z_score);
        let scores: Vec<String> =
            scores.map(|z| if z.is_finite() { format!("{z:.2}") } else { "kept".to_owned() }).collect();
        let observed = readable(row.observed);
        let cells: Vec<&str> =
            [row.name.as_str(), &observed].into_iter().chain(scores.iter().map(String::as_str)).collect();
        table.row(&cells);
    }
    table.render()
}

/// Counts as they are, all else with a few digits.
fn readable(value: f64) -> String {
    match value {
        value if !value.is_finite() => "undefined".to_owned(),
        value if value.fract() == 0.0 && value.abs() < 1e15 => format!("{value}"),
        value if value.abs() < 1e-3 => format!("{value:.3e}"),
        value if value.abs() < 1.0 => score(value),
        value => format!("{value:.3}"),
    }
}
