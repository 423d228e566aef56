//! `neuroloom import`.

use neuroloom_io::{
    Autapses, CellChoice, EdgeColumns, ExportFormat, ImportOptions, ImportRecord, ImportSources, Imported,
    Labels, Layout, MatrixOrientation, Proofreading, RepeatedIds, RowCounts, Threshold,
};
use serde_json::json;

use super::Session;
use super::console::Format;
use super::import_args::{
    AutapseChoice, CellsChoice, ColumnArgs, EdgeFormat, ImportArgs, LabelChoice, ProofreadChoice,
    RepeatedChoice, RowsAre, RuleArgs, ThresholdOn,
};
use super::render::{TextTable, count, facts};
use crate::Error;
use neuroloom_core::{Event, Listener};

/// Labels of cell types that are shown; import.json has all.
const SHOWN_LABELS: usize = 40;

pub(super) fn import(session: &Session, args: ImportArgs) -> Result<(), Error> {
    if args.edges.is_empty() && args.nodes.is_empty() {
        let allowed = "a file of edges, a node table, or both".to_owned();
        return Err(Error::Setting { key: "edges", given: "nothing".to_owned(), allowed });
    }
    let format = match args.format {
        EdgeFormat::Csv => ExportFormat::Csv,
        EdgeFormat::Parquet => ExportFormat::Parquet,
    };
    let mut options = options(args.columns, args.rules);
    options.layout = layout(args.layout.as_deref());
    let sources = ImportSources { edges: args.edges, nodes: args.nodes, ids: args.ids, header: args.header };
    let imported = neuroloom_io::import_connectome(&sources, &options, &session.progress)?;
    session.progress.emit(Event::Started { stage: "write", total: None });
    neuroloom_io::export_connectome(&args.out, &imported.connectome, format)?;
    let written =
        json!({ "command": session.command, "import": imported.record, "warnings": imported.warnings });
    let path = args.out.join("import.json");
    neuroloom_io::write_atomic(&path, format!("{written:#}\n").as_bytes())?;
    session.progress.emit(Event::Finished);
    imported.warnings.iter().for_each(|warning| session.progress.emit(Event::Warning(warning.clone())));
    print(session, &imported);
    session.console.summary(&format!(
        "\n{} and import.json are in {}",
        written_files(format),
        args.out.display()
    ));
    Ok(())
}

fn written_files(format: ExportFormat) -> &'static str {
    if format == ExportFormat::Parquet { "nodes.csv.gz, edges.parquet" } else { "nodes.csv.gz, edges.csv.gz" }
}

fn layout(name: Option<&str>) -> Option<Layout> {
    let name = name?;
    Layout::ALL.iter().find(|(known, _)| *known == name).map(|(_, layout)| *layout)
}

fn options(columns: ColumnArgs, rules: RuleArgs) -> ImportOptions {
    ImportOptions {
        layout: None,
        columns: EdgeColumns {
            pre: columns.pre_column,
            post: columns.post_column,
            syn_count: columns.count_column,
            weight: columns.weight_column,
            kind: columns.kind_column,
        },
        cell_type_column: columns.type_column,
        array: columns.array,
        orientation: match columns.orientation {
            None => MatrixOrientation::Auto,
            Some(RowsAre::PrePost) => MatrixOrientation::PrePost,
            Some(RowsAre::PostPre) => MatrixOrientation::PostPre,
        },
        least_synapses: rules.min_synapses as f32,
        threshold: if rules.threshold == ThresholdOn::Row { Threshold::Row } else { Threshold::Pair },
        autapses: if rules.autapses == AutapseChoice::Drop { Autapses::Drop } else { Autapses::Keep },
        proofreading: match rules.proofread {
            ProofreadChoice::Mask => Proofreading::Mask,
            ProofreadChoice::Pre => Proofreading::Pre,
            ProofreadChoice::Both => Proofreading::PreAndPost,
        },
        axon_strategies: rules.axon_strategy,
        voxel_nm: columns.voxel_nm.and_then(|voxel| <[f64; 3]>::try_from(voxel).ok()),
        position_unit_um: columns.position_unit_um,
        repeated_ids: rules.repeated_ids.map(|choice| match choice {
            RepeatedChoice::Drop => RepeatedIds::Drop,
            RepeatedChoice::First => RepeatedIds::KeepFirst,
            RepeatedChoice::Refuse => RepeatedIds::Refuse,
        }),
        cells: rules.cells.map(|choice| match choice {
            CellsChoice::Neurons => CellChoice::Neurons,
            CellsChoice::All => CellChoice::All,
        }),
        labels: rules.labels.map(|choice| match choice {
            LabelChoice::Canonical => Labels::Canonical,
            LabelChoice::AsGiven => Labels::AsGiven,
        }),
        group: columns.group,
        version: rules.data_version,
    }
}

fn print(session: &Session, imported: &Imported) {
    let (neurons, edges) = (imported.connectome.neurons(), imported.connectome.edges());
    let n_synapses: f64 = edges.syn_count.iter().map(|&count| f64::from(count)).sum();
    let n_synapses = (!edges.syn_count.is_empty()).then_some(n_synapses);
    if session.console.format == Format::Json {
        let result = json!({
            "n_neurons": neurons.len(),
            "n_edges": edges.len(),
            "n_synapses": n_synapses,
            "import": imported.record,
            "warnings": imported.warnings,
        });
        session.console.result(&format!("{result:#}"));
        return;
    }
    let record = &imported.record;
    let mut rows = vec![
        ("layout", record.layout.clone()),
        ("neurons", count(neurons.len() as u64)),
        ("edges", count(edges.len() as u64)),
    ];
    rows.extend(n_synapses.map(|n| ("synapses", count(n.round() as u64))));
    rows.push(("edge rows", kept(&record.rows)));
    rows.push(("node rows", kept(&record.nodes)));
    rows.extend(record.n_pre_observed.map(|n| ("proofread axons", count(n as u64))));
    rows.push(("positions", if neurons.position_um().is_some() { "known" } else { "not stated" }.to_owned()));
    session.console.summary(&facts(&rows));
    let labels = labels(record);
    if !labels.is_empty() {
        session.console.summary(&format!("\n{}", labels.render()));
    }
}

fn kept(rows: &RowCounts) -> String {
    let n_dropped: usize = rows.dropped.iter().map(|fate| fate.n).sum();
    format!(
        "{} read, {} kept, {} dropped",
        count(rows.n_read as u64),
        count(rows.n_kept as u64),
        count(n_dropped as u64)
    )
}

/// The mapping of cell types, the most frequent first.
fn labels(record: &ImportRecord) -> TextTable {
    let mut mapping: Vec<_> = record.cell_types.iter().collect();
    mapping.sort_by_key(|one| std::cmp::Reverse(one.n_cells));
    let mut table = TextTable::new(&["label in the file", "kept as", "class", "cells"]);
    for one in mapping.iter().take(SHOWN_LABELS) {
        let class = one.class.map(|class| format!("{class:?}").to_lowercase()).unwrap_or_default();
        table.row(&[&one.label, &one.kept, &class, &count(one.n_cells as u64)]);
    }
    if mapping.len() > SHOWN_LABELS {
        table.row(&[&format!("... and {} more in import.json", mapping.len() - SHOWN_LABELS)]);
    }
    table
}
