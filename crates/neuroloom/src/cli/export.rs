//! `neuroloom export`.

use neuroloom_io::{ExportFormat, ImportOptions, ImportSources};
use serde_json::json;

use super::Session;
use super::console::Format;
use super::import_args::ExportArgs;
use super::render::{count, facts};
use crate::Error;

pub(super) fn export(session: &Session, args: &ExportArgs) -> Result<(), Error> {
    let sources = ImportSources::of_edges(&args.connectome);
    let imported = neuroloom_io::import_connectome(&sources, &ImportOptions::default(), &session.progress)?;
    let named = ExportFormat::ALL.iter().find(|(name, _)| *name == args.to);
    let format = named.map_or(ExportFormat::Csv, |(_, format)| *format);
    neuroloom_io::export_connectome(&args.out, &imported.connectome, format)?;
    imported.warnings.iter().for_each(|warning| session.console.warning(warning));
    let (n_neurons, n_edges) = (imported.connectome.neurons().len(), imported.connectome.edges().len());
    if session.console.format == Format::Json {
        let result =
            json!({ "n_neurons": n_neurons, "n_edges": n_edges, "format": args.to, "out": args.out });
        session.console.result(&format!("{result:#}"));
        return Ok(());
    }
    session.console.summary(&facts(&[
        ("neurons", count(n_neurons as u64)),
        ("edges", count(n_edges as u64)),
        (args.to.as_str(), args.out.display().to_string()),
    ]));
    Ok(())
}
