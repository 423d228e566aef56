//! `neuroloom inspect`.

use neuroloom_io::{ArraySummary, ConnectomeSummary, IdSummary, Inspection, RecordingSummary};

use super::Session;
use super::args::InspectArgs;
use super::console::Format;
use super::render::{TextTable, count, facts};
use crate::Error;
use crate::experiment::DataConfig;

type Fact = (&'static str, String);

pub(super) fn inspect(session: &Session, args: InspectArgs) -> Result<(), Error> {
    let data = DataConfig {
        array: args.array,
        dt_s: args.dt_s,
        names: args.names,
        orientation: args.orientation,
        ..DataConfig::default()
    };
    data.check()?;
    let inspection = neuroloom_io::inspect(&args.path, &data.read_options())?;
    if session.console.format == Format::Json {
        let text = serde_json::to_string_pretty(&inspection)
            .map_err(|error| Error::Artefact { path: args.path, reason: error.to_string() })?;
        session.console.result(&text);
        return Ok(());
    }
    session.console.result(&text(&inspection));
    inspection.warnings.iter().for_each(|warning| session.console.warning(warning));
    Ok(())
}

fn text(inspection: &Inspection) -> String {
    let kind = format!("{:?}", inspection.kind).to_lowercase();
    let mut rows = vec![("kind", kind)];
    if let Some(chosen) = &inspection.chosen_array {
        let reason = inspection.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
        rows.push(("array", format!("{chosen}{reason}")));
    }
    rows.extend(inspection.recording.as_ref().map(recording).unwrap_or_default());
    rows.extend(inspection.connectome.as_ref().map(connectome).unwrap_or_default());
    rows.extend(inspection.ids.as_ref().map(ids));
    let arrays = arrays(&inspection.arrays);
    if arrays.is_empty() { facts(&rows) } else { format!("{}\n\n{}", facts(&rows), arrays.render()) }
}

fn recording(recording: &RecordingSummary) -> Vec<Fact> {
    let survey = &recording.survey;
    let mut rows = vec![
        ("trials", count(recording.n_trials as u64)),
        ("frames", count(recording.n_frames as u64)),
        ("neurons", count(recording.n_neurons as u64)),
        (
            "dt",
            recording.dt_s.map_or("unknown; give it with --dt SECONDS".to_owned(), |dt| format!("{dt} s")),
        ),
    ];
    rows.extend(recording.unit.clone().map(|unit| ("unit", unit)));
    rows.push(("drift", if recording.has_drift { "stored" } else { "not stored" }.to_owned()));
    rows.push(("missing", missing(recording)));
    rows.push(("constant", listed(&survey.constant_neurons)));
    rows
}

fn missing(recording: &RecordingSummary) -> String {
    let n_samples = recording.n_trials * recording.n_frames * recording.n_neurons;
    match recording.survey.n_missing {
        0 => "none".to_owned(),
        n => format!("{} of {} samples", count(n as u64), count(n_samples as u64)),
    }
}

fn connectome(connectome: &ConnectomeSummary) -> Vec<Fact> {
    let import = &connectome.import;
    let mut rows =
        vec![("neurons", count(connectome.n_neurons as u64)), ("edges", count(import.n_edges as u64))];
    let kinds = connectome.n_edges_by_kind.iter();
    let kinds: Vec<String> = kinds.map(|(kind, &n)| format!("{kind} {}", count(n as u64))).collect();
    if !kinds.is_empty() {
        rows.push(("edges by kind", kinds.join(", ")));
    }
    rows.extend(connectome.n_synapses.map(|n| ("synapses", count(n.round() as u64))));
    rows.push(("rows read", count(import.n_rows as u64)));
    rows.push(("duplicates", format!("{} rows added to an earlier one", count(import.n_merged as u64))));
    rows.push(("self edges", count(import.n_self_edges as u64)));
    let examples = &import.dangling_examples;
    let example = if examples.is_empty() { String::new() } else { format!(": {}", examples.join(", ")) };
    rows.push(("dangling edges", format!("{} dropped{example}", count(import.n_dangling as u64))));
    rows.extend(connectome.n_cell_types.map(|n| ("cell types", count(n as u64))));
    rows.push(("positions", if connectome.has_positions { "known" } else { "not stated" }.to_owned()));
    rows
}

fn ids(ids: &IdSummary) -> Fact {
    let rest = if ids.n > ids.first.len() { ", ..." } else { "" };
    ("ids", format!("{}: {}{rest}", ids.kind, ids.first.join(", ")))
}

fn arrays(arrays: &[ArraySummary]) -> TextTable {
    let mut table = TextTable::new(&["array", "dtype", "shape", "order"]);
    for array in arrays {
        let shape: Vec<String> = array.shape.iter().map(ToString::to_string).collect();
        table.row(&[&array.name, &array.dtype, &shape.join(" x "), array.order]);
    }
    table
}

fn listed(names: &[String]) -> String {
    match names {
        [] => "none".to_owned(),
        names if names.len() > 5 => format!("{}, ... ({} neurons)", names[..5].join(", "), names.len()),
        names => names.join(", "),
    }
}
