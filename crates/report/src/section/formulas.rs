//! Fitted functions read as formulas.

use super::functions::check_groups;
use super::{Block, Section, TableView, heads};
use crate::Error;
use crate::data::{Cell, FormulaEntry, FormulaPart, Formulas, FunctionGroup};
use crate::figure::curves::{FunctionPlot, functions};
use crate::figure::{Figure, Panel, Span};
use crate::number::{readable, with_unit};

/// Pareto tables shown; 32 types would fill the page.
const MOST_FRONTS: usize = 8;

/// Chosen formulas, their curves, the Pareto tables behind the choice, and LaTeX.
pub(super) fn section(given: &Formulas) -> Result<Section, Error> {
    let mut blocks = Vec::new();
    if !given.functions.is_empty() {
        blocks.push(Block::Table(chosen(given)));
        blocks.push(Block::Figure(figure(given)?));
        blocks.extend(given.functions.iter().take(MOST_FRONTS).map(front).map(Block::Table));
        if given.functions.len() > MOST_FRONTS {
            let rest = given.functions.len() - MOST_FRONTS;
            blocks
                .push(Block::Paragraph(format!("The tables of {rest} more functions are in formulas.json.")));
        }
        blocks.push(Block::Code("LaTeX".to_owned(), latex(given)));
    }
    let lead =
        format!("phi and psi as short expressions, by genetic search and least squares. {}", given.rule);
    Ok(Section { id: "formulas", title: "Formulas", lead, blocks })
}

fn chosen(given: &Formulas) -> TableView {
    let text = |text: &Option<String>| text.clone().map_or(Cell::Absent, Cell::Text);
    let row = |entry: &FormulaEntry| {
        vec![
            Cell::Text(symbol(entry)),
            Cell::Text(entry.text.clone()),
            Cell::Text(with_spread(entry)),
            Cell::Number(entry.unexplained),
            text(&entry.truth),
            text(&entry.published),
        ]
    };
    let all = ["function", "formula", "all coefficients free", "unexplained", "true", "published"];
    let mut rows: Vec<Vec<Cell>> = given.functions.iter().map(row).collect();
    let mut columns = heads(&all);
    for column in [5, 4] {
        if rows.iter().all(|row| row[column] == Cell::Absent) {
            rows.iter_mut().for_each(|row| drop(row.remove(column)));
            columns.remove(column);
        }
    }
    let caption = "The form that the rule chose; the same form with every coefficient free (in brackets their standard \
                   deviation over single neurons, in the order of writing); what it leaves unexplained of the variance \
                   of the fitted curve, weighted by how often each activity was visited.";
    TableView::new(caption, &columns, rows)
}

fn with_spread(entry: &FormulaEntry) -> String {
    if entry.spread.is_empty() {
        return entry.freed.clone();
    }
    let spread: Vec<String> = entry.spread.iter().map(|&value| readable(value)).collect();
    format!("{} (± {})", entry.freed, spread.join(", "))
}

fn figure(given: &Formulas) -> Result<Figure, Error> {
    let of = |part: FormulaPart| -> Vec<FunctionGroup> {
        let entries = given.functions.iter().filter(|entry| entry.part == part);
        entries.map(|entry| FunctionGroup { name: symbol(entry), ..entry.curve.clone() }).collect()
    };
    let (update, transfer) = (of(FormulaPart::Update), of(FormulaPart::Transfer));
    check_groups("formulas.update", &update)?;
    check_groups("formulas.transfer", &transfer)?;
    let x_name = with_unit("activity x", &given.x_unit);
    let panel = |stem: &str, title: &'static str, unit: String, groups: &[FunctionGroup]| -> Option<Panel> {
        let plot = FunctionPlot {
            title,
            axis_names: (x_name.clone(), unit),
            groups,
            dashed: "formula",
            occupancy: None,
            span: Span::Half,
        };
        (!groups.is_empty()).then(|| functions(stem, &plot))
    };
    let phi = panel("formula_update", "Update φ", with_unit("φ(x)", &given.update_unit), &update);
    let psi = panel("formula_transfer", "Transfer ψ", "ψ(x)".to_owned(), &transfer);
    Ok(Figure {
        stem: "formulas",
        title: "Fitted functions and their formulas".to_owned(),
        caption: "Lines are the fitted functions where the recording visited them, dashed lines the chosen formulas; a \
                  formula is wrong where the two part."
            .to_owned(),
        panels: [phi, psi].into_iter().flatten().collect(),
    })
}

fn front(entry: &FormulaEntry) -> TableView {
    let row = |row: &super::super::data::FrontRow| {
        vec![
            Cell::Number(row.symbols as f64),
            Cell::Text(row.text.clone()),
            Cell::Number(row.unexplained),
            Cell::Number(row.score),
        ]
    };
    let caption = format!(
        "{}: the best form of each length; the lowest score, in bold, was chosen. Look for where a longer form stops \
         to pay.",
        symbol(entry)
    );
    let columns = heads(&["symbols", "form", "unexplained", "score"]);
    TableView::new(&caption, &columns, entry.front.iter().map(row).collect()).emphasised(Some(entry.chosen))
}

fn latex(given: &Formulas) -> String {
    let line = |entry: &FormulaEntry| match entry.part {
        FormulaPart::Update => format!("\\varphi_{{\\mathrm{{{}}}}}(x) &= {} \\\\", entry.name, entry.latex),
        FormulaPart::Transfer => format!("\\psi(x) &= {} \\\\  % {}", entry.latex, entry.name),
    };
    let lines: Vec<String> = given.functions.iter().map(line).collect();
    format!("\\begin{{aligned}}\n{}\n\\end{{aligned}}", lines.join("\n"))
}

fn symbol(entry: &FormulaEntry) -> String {
    match entry.part {
        FormulaPart::Update => format!("φ, {}", entry.name),
        FormulaPart::Transfer if entry.name == "psi" => "ψ".to_owned(),
        FormulaPart::Transfer => format!("ψ, {}", entry.name.trim_start_matches("psi ")),
    }
}
