//! `neuroloom compare`.

use super::Session;
use super::args::CompareArgs;
use super::console::Format;
use crate::Error;
use crate::experiment::comparison;

/// What stands above the table.
const HEADING: &str = "# Published experiments, published numbers and ours

Published: Allier, Heinrich, Schneider and Saalfeld 2026 (arXiv 2602.13325): the paper's text where it gives a number, \
else the panels released with its code; one seed each. Ours: mean and standard deviation over seeds, and the seed \
farthest from perfect. What each score means: [metrics](metrics.md).";

pub(super) fn compare(session: &Session, args: &CompareArgs) -> Result<(), Error> {
    if args.other.is_some() || args.folder.join("circuits.parquet").is_file() {
        return super::compare_sets::compare(session, args);
    }
    if !args.null.is_empty() {
        let allowed =
            "a set of circuits (what `neuroloom sample` writes) to compare with null models".to_owned();
        return Err(Error::Setting { key: "null", given: args.folder.display().to_string(), allowed });
    }
    let scores = comparison::compare(&args.folder)?;
    let table = comparison::markdown(&scores);
    if let Some(path) = &args.out {
        let page = format!("{HEADING}\n\nMade by `{}`.\n\n{table}", session.command);
        neuroloom_io::write_atomic(path, page.as_bytes())?;
    }
    if session.console.format == Format::Json {
        session.console.result(&format!("{:#}", serde_json::json!(scores)));
    } else {
        session.console.summary(&table);
    }
    Ok(())
}
