//! Formulas of phi and psi, with the published ones beside them.

use neuroloom_models::mechanism::{Formula, Formulas, FrontEntry};
use neuroloom_report::{FormulaEntry, FormulaPart, FrontRow, FunctionGroup};

use super::super::published::PublishedFormulas;

/// The section of a report; `published` belongs to the experiment that the run repeats.
pub(crate) fn formulas(
    given: &Formulas,
    published: &PublishedFormulas,
    (x_unit, update_unit): (String, String),
) -> neuroloom_report::Formulas {
    let update = given.update.iter().map(|one| entry(one, FormulaPart::Update, published));
    let transfer = given.transfer.iter().map(|one| entry(one, FormulaPart::Transfer, published));
    neuroloom_report::Formulas {
        rule: given.rule.clone(),
        x_unit,
        update_unit,
        functions: update.chain(transfer).collect(),
    }
}

fn entry(formula: &Formula, part: FormulaPart, published: &PublishedFormulas) -> FormulaEntry {
    let curve = &formula.curve;
    FormulaEntry {
        name: formula.name.clone(),
        part,
        text: formula.text.clone(),
        latex: formula.latex.clone(),
        freed: formula.freed.clone(),
        spread: formula.coefficients.iter().filter_map(|one| one.sd_over_neurons).collect(),
        unexplained: formula.unexplained,
        published: formula.truth.as_deref().and_then(|truth| published.of(truth)).map(ToOwned::to_owned),
        truth: formula.truth.clone(),
        front: formula.front.iter().map(row).collect(),
        chosen: formula.chosen,
        curve: FunctionGroup {
            x: curve.x.clone(),
            center: curve.y.clone(),
            truth: curve.formula.clone(),
            ..FunctionGroup::default()
        },
    }
}

fn row(entry: &FrontEntry) -> FrontRow {
    FrontRow {
        text: entry.text.clone(),
        symbols: entry.symbols,
        unexplained: entry.unexplained,
        score: entry.score,
    }
}
