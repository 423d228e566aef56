//! From measured numbers to the data of a report.

use neuroloom_analysis::graph::nulls::NullComparison;
use neuroloom_analysis::statistics::{mean_and_sd, median};
use neuroloom_report::{
    Card, Cell, GraphNumber, GraphStatistics, GraphTopic, Header, NullModelResult, NullNumber, Reference,
    Relation, ReportData, Table, TypeDensity,
};

use super::Measured;

/// Numbers whose null distributions are drawn.
const DRAWN: [&str; 6] =
    ["n_mutual", "clustering", "path_length", "modularity_leiden", "common_neighbour_bias", "simplices_2"];
/// Bins with fewer pairs say nothing about a probability.
const MIN_PAIRS: u64 = 100;

/// Wiring diagrams that have a column each; of more the distribution is shown.
pub(crate) const MOST_COLUMNS: usize = 12;

/// The page: of one wiring diagram all there is, of several a table, of many their distribution.
pub(super) fn data(measured: &[Measured]) -> ReportData {
    match measured {
        [one] => of_one(one),
        many if many.len() > MOST_COLUMNS => of_many(many),
        several => of_several(several),
    }
}

fn of_one(one: &Measured) -> ReportData {
    let name = one.input.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    ReportData {
        header: Header {
            title: format!("Wiring statistics of {name}"),
            summary: summary(one),
            cards: cards(one),
            ..Header::default()
        },
        graph_statistics: Some(statistics(one)),
        limits: limits(one),
        ..ReportData::default()
    }
}

fn value(one: &Measured, name: &str) -> f64 {
    one.measures.value(name).unwrap_or(f64::NAN)
}

fn summary(one: &Measured) -> String {
    format!(
        "{} neurons and {} connections; {} neurons are fully observed, with {} connections among them.",
        value(one, "n_neurons"),
        value(one, "n_edges"),
        value(one, "n_neurons_observed"),
        value(one, "n_edges_observed"),
    )
}

fn cards(one: &Measured) -> Vec<Card> {
    let expected = Reference { label: "Erdős–Rényi".to_owned(), value: value(one, "n_mutual_expected") };
    let mut cards = vec![Card {
        label: "mutual pairs".to_owned(),
        value: value(one, "n_mutual"),
        beside: vec![expected],
        ..Card::default()
    }];
    let shown = [
        ("clustering", "clustering"),
        ("path length", "path_length"),
        ("modularity (Leiden)", "modularity_leiden"),
    ];
    for (label, name) in shown {
        let beside = one.nulls.iter().filter_map(|null| {
            let row = null.rows.iter().find(|row| row.name == name)?;
            Some(Reference { label: null.model.name().to_owned(), value: row.mean })
        });
        let observed = one.nulls.iter().flat_map(|null| &null.rows).find(|row| row.name == name);
        let value = observed.map_or(value(one, name), |row| row.observed);
        cards.push(Card { label: label.to_owned(), value, beside: beside.collect(), ..Card::default() });
    }
    cards
}

fn statistics(one: &Measured) -> GraphStatistics {
    let measures = &one.measures;
    let mut topics: Vec<GraphTopic> = Vec::new();
    for number in &measures.values {
        if topics.last().is_none_or(|topic| topic.name != number.topic) {
            topics.push(GraphTopic { name: number.topic.to_owned(), numbers: Vec::new() });
        }
        if let Some(topic) = topics.last_mut() {
            topic.numbers.push(GraphNumber { name: number.name.clone(), value: number.value });
        }
    }
    let mixing = measures.type_mixing.as_ref();
    GraphStatistics {
        lead: format!(
            "{} Density, degrees and probabilities count the pairs that could be observed; everything about two or \
             more connections is about the fully observed neurons.",
            summary(one)
        ),
        topics,
        nulls: one.nulls.iter().map(null_model).collect(),
        drawn: DRAWN.map(ToOwned::to_owned).to_vec(),
        degrees: vec![tail("out", &measures.neurons.out_degree), tail("in", &measures.neurons.in_degree)],
        distance: measures
            .distance
            .iter()
            .map(|profile| {
                let middles = (0..).map(|bin| (f64::from(bin) + 0.5) * profile.bin_um);
                probability("distance", middles, (&profile.n_edges, &profile.n_pairs))
            })
            .collect(),
        common_neighbours: vec![probability(
            "common neighbours",
            (0..).map(f64::from),
            (&measures.common_neighbours.n_joined, &measures.common_neighbours.n_pairs),
        )],
        type_mixing: mixing
            .map(|mixing| TypeDensity { types: mixing.types.clone(), density: mixing.density.clone() }),
    }
}

fn null_model(null: &NullComparison) -> NullModelResult {
    let row = |row: &neuroloom_analysis::graph::nulls::NullRow| NullNumber {
        name: row.name.clone(),
        observed: row.observed,
        mean: row.mean,
        sd: row.sd,
        z_score: row.z_score,
        p_value: row.p_value,
        values: row.values.clone(),
    };
    NullModelResult {
        name: null.model.name().to_owned(),
        keeps: null.model.keeps().to_owned(),
        n_samples: null.n_samples,
        rows: null.rows.iter().map(row).collect(),
    }
}

/// Share of neurons with at least `k` edges, at every `k` that occurs.
fn tail(name: &str, degrees: &[u32]) -> Relation {
    let mut sorted: Vec<u32> = degrees.iter().copied().filter(|&degree| degree > 0).collect();
    sorted.sort_unstable();
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for (place, &degree) in sorted.iter().enumerate() {
        if place == 0 || sorted[place - 1] != degree {
            x.push(f64::from(degree));
            y.push((sorted.len() - place) as f64 / degrees.len() as f64);
        }
    }
    Relation { name: name.to_owned(), x, y }
}

fn probability(name: &str, x: impl Iterator<Item = f64>, (hits, pairs): (&[u64], &[u64])) -> Relation {
    let points = x.zip(hits.iter().zip(pairs)).filter(|(_, (_, pairs))| **pairs >= MIN_PAIRS);
    let (x, y) = points.map(|(x, (&hits, &pairs))| (x, hits as f64 / pairs as f64)).unzip();
    Relation { name: name.to_owned(), x, y }
}

fn limits(one: &Measured) -> Vec<String> {
    let mut limits = vec![
        "A large z-score says that a null model is wrong, not which mechanism is right: compare models that keep \
         more and more."
            .to_owned(),
        "Modularity and communities come from a search; random graphs have communities too, so only the distance \
         from a null model means anything."
            .to_owned(),
    ];
    if value(one, "n_neurons_observed") < value(one, "n_neurons") {
        limits.push(
            "Neurons that were not traced are left out of paths, triads and communities: routes through them are \
             missing."
                .to_owned(),
        );
    }
    limits
}

fn of_several(several: &[Measured]) -> ReportData {
    let names = several
        .first()
        .map_or_else(Vec::new, |one| one.measures.values.iter().map(|one| one.name.clone()).collect());
    let columns: Vec<String> = std::iter::once("number".to_owned())
        .chain(several.iter().map(|one| one.input.display().to_string()))
        .collect();
    let row = |name: &String| {
        let values = several.iter().map(|one| Cell::Number(value(one, name)));
        std::iter::once(Cell::Text(name.clone())).chain(values).collect()
    };
    ReportData {
        header: Header {
            title: format!("Wiring statistics of {} circuits", several.len()),
            summary: format!("{} numbers of each of {} wiring diagrams.", names.len(), several.len()),
            ..Header::default()
        },
        baselines: vec![Table {
            caption: "One column a wiring diagram.".to_owned(),
            columns,
            rows: names.iter().map(row).collect(),
            emphasised_row: None,
        }],
        ..ReportData::default()
    }
}

/// One number over many circuits.
pub(crate) struct Spread {
    pub(crate) name: String,
    /// Circuits in which it is defined.
    pub(crate) n_defined: usize,
    /// Mean, standard deviation, least, median and greatest value.
    pub(crate) values: [f64; 5],
}

/// How each number is spread over circuits.
pub(crate) fn spreads(many: &[Measured]) -> Vec<Spread> {
    let mut names: Vec<&String> = Vec::new();
    for one in many.iter().flat_map(|one| &one.measures.values) {
        if !names.contains(&&one.name) {
            names.push(&one.name);
        }
    }
    let spread = |name: &String| {
        let mut values: Vec<f64> =
            many.iter().map(|one| value(one, name)).filter(|value| value.is_finite()).collect();
        values.sort_unstable_by(f64::total_cmp);
        let (mean, sd) = mean_and_sd(&values).unwrap_or((f64::NAN, f64::NAN));
        let middle = median(&values).unwrap_or(f64::NAN);
        let end = |value: Option<&f64>| value.copied().unwrap_or(f64::NAN);
        Spread {
            name: name.clone(),
            n_defined: values.len(),
            values: [mean, sd, end(values.first()), middle, end(values.last())],
        }
    };
    names.into_iter().map(spread).collect()
}

fn of_many(many: &[Measured]) -> ReportData {
    let row = |spread: Spread| {
        let values = spread.values.into_iter().map(Cell::Number);
        let n_defined = Cell::Number(spread.n_defined as f64);
        std::iter::once(Cell::Text(spread.name)).chain(values).chain([n_defined]).collect()
    };
    let columns = ["number", "mean", "sd", "least", "median", "greatest", "circuits"];
    ReportData {
        header: Header {
            title: format!("Wiring statistics of {} circuits", many.len()),
            summary: "Each number over all circuits in which it is defined; tables/measures.csv has a row a circuit."
                .to_owned(),
            ..Header::default()
        },
        baselines: vec![Table {
            caption: "Each number over the circuits.".to_owned(),
            columns: columns.map(str::to_owned).to_vec(),
            rows: spreads(many).into_iter().map(row).collect(),
            emphasised_row: None,
        }],
        ..ReportData::default()
    }
}
