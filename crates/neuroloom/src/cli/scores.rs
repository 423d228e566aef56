//! The summary of a fit: each number beside what it must be compared with.

use neuroloom_report::{Card, ReportData};
use serde_json::json;

use super::Session;
use super::console::Format;
use super::render::{TextTable, facts, score};
use crate::Error;
use crate::experiment::{Artefact, EvaluationLevel, RunDir};

/// Prints what a run found and where it is.
pub(super) fn print(session: &Session, run: &RunDir, level: EvaluationLevel) -> Result<(), Error> {
    match (session.console.format, level) {
        (Format::Json, EvaluationLevel::Full) => {
            let evaluation: serde_json::Value = run.read_json(Artefact::Evaluation)?;
            let result = json!({
                "evaluation": evaluation,
                "report": run.path(Artefact::Report),
                "wiring": run.path(Artefact::Wiring),
            });
            session.console.result(&format!("{result:#}"));
        }
        (Format::Json, EvaluationLevel::None) => {
            let result = json!({ "model": run.path(Artefact::Model), "wiring": run.path(Artefact::Wiring) });
            session.console.result(&format!("{result:#}"));
        }
        (Format::Text, EvaluationLevel::Full) => return print_cards(session, run),
        (Format::Text, EvaluationLevel::None) => {
            session
                .console
                .summary(&places(run, &[("model", Artefact::Model), ("wiring", Artefact::Wiring)]));
        }
    }
    Ok(())
}

/// Prints the key numbers of a report and where it is.
pub(super) fn print_cards(session: &Session, run: &RunDir) -> Result<(), Error> {
    let data: ReportData = run.read_json(Artefact::Exploration)?;
    session.console.summary(&format!("{}\n\n{}\n", data.header.summary, table(&data.header.cards)));
    session.console.summary(&places(run, &[("report", Artefact::Report), ("scores", Artefact::Evaluation)]));
    Ok(())
}

fn table(cards: &[Card]) -> String {
    let mut table = TextTable::new(&["score", "this fit", "compare with"]);
    for card in cards {
        let beside: Vec<String> =
            card.beside.iter().map(|one| format!("{} {}", one.label, number(one.value))).collect();
        table.row(&[&card.label, &number(card.value), &beside.join(", ")]);
    }
    table.render()
}

fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() > 1.0 { format!("{value}") } else { score(value) }
}

fn places(run: &RunDir, artefacts: &[(&str, Artefact)]) -> String {
    let rows: Vec<(&str, String)> =
        artefacts.iter().map(|&(name, artefact)| (name, run.path(artefact).display().to_string())).collect();
    facts(&rows)
}
