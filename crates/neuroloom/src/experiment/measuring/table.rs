//! The tables of `neuroloom measure`.

use std::fmt::Write;

use super::super::tables::field;
use super::Measured;

/// `tables/measures.csv`: one row an input, one column a number.
pub(super) fn measures(measured: &[Measured]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for one in measured.iter().flat_map(|one| &one.measures.values) {
        if !names.contains(&one.name.as_str()) {
            names.push(&one.name);
        }
    }
    let mut table = format!("input,{}\n", names.join(","));
    for one in measured {
        let values: Vec<String> =
            names.iter().map(|name| number(one.measures.value(name).unwrap_or(f64::NAN))).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(table, "{},{}", field(&one.input.display().to_string()), values.join(","));
    }
    table
}

/// `tables/neurons.csv`: one row a fully observed neuron.
pub(super) fn neurons(one: &Measured) -> String {
    let found = &one.measures.neurons;
    let mut table =
        "neuron,out_degree,in_degree,clustering,clustering_directed,betweenness,closeness,core_number,\
                     community,strong_component\n"
            .to_owned();
    for (row, id) in one.core_ids().into_iter().enumerate() {
        let _ = writeln!(
            table,
            "{},{},{},{},{},{},{},{},{},{}",
            field(&id.to_string()),
            found.out_degree[row],
            found.in_degree[row],
            number(found.clustering[row]),
            number(found.clustering_directed[row]),
            number(found.betweenness[row]),
            number(found.closeness[row]),
            found.core_number[row],
            found.community[row],
            found.strong_component[row],
        );
    }
    table
}

/// `tables/nulls.csv`: one row a null model and number.
pub(super) fn nulls(one: &Measured) -> String {
    let mut table = "null_model,n_samples,number,observed,mean,sd,z_score,p_value\n".to_owned();
    for null in &one.nulls {
        for row in &null.rows {
            let values = [row.observed, row.mean, row.sd, row.z_score, row.p_value].map(number);
            let _ =
                writeln!(table, "{},{},{},{}", null.model.name(), null.n_samples, row.name, values.join(","));
        }
    }
    table
}

/// The shortest text that reads back as the same number; nothing for an undefined one.
fn number(value: f64) -> String {
    if value.is_finite() { value.to_string() } else { String::new() }
}
