//! The readable tables of a fit: strongest edges by name, neuron and type.

use std::cmp::Ordering;
use std::fmt::Write;

use neuroloom_models::mechanism::{Formula, Formulas, Mechanism};

/// Type of a neuron that was left out of the fit.
pub(crate) const LEFT_OUT: u32 = u32::MAX;

/// Rows of `tables/weights.csv`; every weight is in `wiring.npz`.
const MOST_EDGES: usize = 20_000;

/// `tables/weights.csv`: the strongest edges, strongest first, with their standard errors.
pub(crate) fn weights(mechanism: &Mechanism) -> String {
    let mut edges: Vec<(usize, usize, f64)> = mechanism
        .weight_matrix
        .indexed_iter()
        .filter(|((post, pre), _)| post != pre)
        .map(|((post, pre), &weight)| (pre, post, weight))
        .collect();
    let stronger = |a: &(usize, usize, f64), b: &(usize, usize, f64)| {
        b.2.abs().total_cmp(&a.2.abs()).then((a.0, a.1).cmp(&(b.0, b.1)))
    };
    if edges.len() > MOST_EDGES {
        edges.select_nth_unstable_by(MOST_EDGES, stronger);
        edges.truncate(MOST_EDGES);
    }
    edges.sort_by(stronger);
    let names = names(mechanism);
    let mut table = "pre,post,weight,standard_error\n".to_owned();
    for (pre, post, weight) in edges {
        let error = mechanism.standard_error[[post, pre]];
        // Writing to a string cannot fail.
        let _ = writeln!(table, "{},{},{weight:.6e},{}", names[pre], names[post], number(error));
    }
    table
}

/// `tables/formulas.tex`: the chosen formulas for a paper; behind each the form with all coefficients free.
pub(crate) fn formulas(formulas: &Formulas) -> String {
    let mut table = "\\begin{tabular}{lll}\n".to_owned();
    table.push_str("function & formula & all coefficients free \\\\ \\hline\n");
    let mut row = |symbol: &str, one: &Formula| {
        let name = if one.name == "psi" { "" } else { one.name.trim_start_matches("psi ") };
        let _ = writeln!(table, "{symbol} {name} & ${}$ & ${}$ \\\\", one.latex, one.freed_latex);
    };
    formulas.update.iter().for_each(|one| row("$\\varphi$", one));
    formulas.transfer.iter().for_each(|one| row("$\\psi$", one));
    table + "\\end{tabular}\n"
}

/// `tables/types.csv`: neuron and type found.
pub(crate) fn types(mechanism: &Mechanism) -> String {
    let mut table = "neuron,type\n".to_owned();
    for (name, label) in names(mechanism).iter().zip(&mechanism.types.label) {
        // A neuron that was left out has no type.
        let label = if *label == LEFT_OUT { String::new() } else { label.to_string() };
        let _ = writeln!(table, "{name},{label}");
    }
    table
}

fn names(mechanism: &Mechanism) -> Vec<String> {
    mechanism.neuron_ids.iter().map(|id| field(&id.to_string())).collect()
}

/// A field as RFC 4180 wants it.
pub(super) fn field(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// Six digits; an infinite standard error means that nothing is known.
fn number(value: f64) -> String {
    match value.partial_cmp(&f64::INFINITY) {
        Some(Ordering::Less) => format!("{value:.6e}"),
        Some(_) => "inf".to_owned(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_needed() {
        assert_eq!(field("AVAL"), "AVAL");
        assert_eq!(field("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(number(f64::INFINITY), "inf");
        assert_eq!(number(0.5), "5.000000e-1");
    }
}
