//! `neuroloom report`.

use serde_json::json;

use super::Session;
use super::args::ReportArgs;
use super::console::Format;
use crate::Error;
use crate::experiment::{RunDir, stages};

pub(super) fn report(session: &Session, args: &ReportArgs) -> Result<(), Error> {
    let run = RunDir::open(&args.folder)?;
    let page = stages::report(&run, &session.progress)?;
    if session.console.format == Format::Json {
        session.console.result(&format!("{:#}", json!({ "report": page })));
    } else {
        session.console.summary(&format!("report  {}", page.display()));
    }
    Ok(())
}
