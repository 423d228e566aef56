//! The report of a study.

use neuroloom_report::{CaseScore, Cell, Header, ReportData, Table, WeightManifold};

use super::limits;
use crate::experiment::weights::config::WeightExperiment;
use crate::experiment::weights::study::{CaseRow, StudyTable, leading_score};

/// The report of a study.
pub(in crate::experiment::weights) fn of_study(config: &WeightExperiment, table: &StudyTable) -> ReportData {
    let leading = leading_score(config);
    let names = [leading, "geodesic_spearman", "euclidean_spearman", "reconstruction_r2"];
    let prefixed = names.iter().map(|name| (*name).to_owned()).chain([format!("incoming.{leading}")]);
    let mut wanted: Vec<String> = Vec::new();
    for name in prefixed {
        if !wanted.contains(&name) && table.cases.iter().any(|case| case.scores.contains_key(&name)) {
            wanted.push(name);
        }
    }
    let of_case = |name: &String| CaseScore {
        name: name.clone(),
        cases: table
            .cases
            .iter()
            .map(|case| {
                let spread = case.scores.get(name);
                (
                    case.name.clone(),
                    spread.map(|one| one.mean),
                    spread.map(|one| one.least),
                    spread.map(|one| one.most),
                )
            })
            .collect(),
        null: null_of(table, name),
    };
    ReportData {
        header: Header {
            title: "Which weights show what they encode?".to_owned(),
            summary: format!("{} cases, {} seeds each.", table.cases.len(), table.repeats),
            ..Header::default()
        },
        weight_manifold: Some(WeightManifold {
            lead: "Each case trains networks on tuned inputs and reads their latent variables from the weights. Scores \
                   without a prefix are of the columns of A (what input neurons send), `incoming` of the rows of B."
                .to_owned(),
            cases: wanted.iter().map(of_case).collect(),
            tables: vec![study_rows(table)],
            ..WeightManifold::default()
        }),
        limits: limits(),
        ..ReportData::default()
    }
}

fn null_of(table: &StudyTable, name: &str) -> f64 {
    let nulls = table.cases.iter().filter_map(|case| case.scores.get(&format!("{name}.null")));
    let means: Vec<f64> = nulls.map(|spread| spread.mean).collect();
    means.iter().sum::<f64>() / means.len() as f64
}

fn study_rows(table: &StudyTable) -> Table {
    let mut names: Vec<String> = table.cases.iter().flat_map(|case| case.scores.keys().cloned()).collect();
    names.sort();
    names.dedup();
    names.retain(|name| !name.ends_with(".null"));
    let spread = |case: &CaseRow, name: &String| match case.scores.get(name) {
        Some(one) if (one.most - one.least).abs() < 5e-5 => Cell::Text(format!("{:.4}", one.mean)),
        Some(one) => Cell::Text(format!("{:.3} ({:.3} to {:.3})", one.mean, one.least, one.most)),
        None => Cell::Absent,
    };
    let verdicts = |case: &CaseRow| {
        let found: Vec<String> = case.verdicts.iter().map(|(name, n)| format!("{name} {n}")).collect();
        Cell::Text(found.join(", "))
    };
    let mut rows: Vec<Vec<Cell>> = names
        .iter()
        .map(|name| {
            std::iter::once(Cell::Text(name.clone()))
                .chain(table.cases.iter().map(|case| spread(case, name)))
                .collect()
        })
        .collect();
    rows.push(
        std::iter::once(Cell::Text("topology".to_owned())).chain(table.cases.iter().map(verdicts)).collect(),
    );
    Table {
        caption: "Mean over seeds with the range; null levels stand in tables/study.csv.".to_owned(),
        columns: std::iter::once("score".to_owned())
            .chain(table.cases.iter().map(|case| case.name.clone()))
            .collect(),
        rows,
        emphasised_row: None,
    }
}
