//! One vocabulary for the cell types of cortex, and the spellings that data sets use for it.

mod vocabulary;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use vocabulary::VOCABULARY;

/// What a neuron does to its targets, or that it is no neuron.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CellClass {
    /// Excitatory neuron.
    Excitatory,
    /// Inhibitory neuron.
    Inhibitory,
    /// Glia, vessel cells and other cells that are no neurons.
    NonNeuronal,
}

/// One cell type of the canonical vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CanonicalType {
    /// Its name, as in the table `aibs_metamodel_celltypes` of minnie65 where that has it.
    pub name: &'static str,
    /// What it does.
    pub class: CellClass,
    /// What the name stands for.
    pub meaning: &'static str,
    /// Other spellings; case, spaces, `-`, `_` and `/` do not matter.
    pub synonyms: &'static [&'static str],
}

/// One line of the mapping that an importer prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelMapping {
    /// The label of the file.
    pub label: String,
    /// The label that is kept.
    pub kept: String,
    /// What it does, where the vocabulary knows it.
    pub class: Option<CellClass>,
    /// Cells that bear it.
    pub n_cells: usize,
}

/// The canonical type of a label, `None` if the vocabulary does not know it.
///
/// # Examples
/// ```
/// use neuroloom_core::canonical_cell_type;
/// for label in ["5P-ET", "5P_PT", "5P_ET", "L5ET", "L5 PT"] {
///     assert_eq!(canonical_cell_type(label).map(|one| one.name), Some("5P-ET"), "{label}");
/// }
/// assert_eq!(canonical_cell_type("Kenyon cell"), None);
/// ```
pub fn canonical_cell_type(label: &str) -> Option<&'static CanonicalType> {
    let wanted = plain(label);
    let fits = |one: &&CanonicalType| {
        plain(one.name) == wanted || one.synonyms.iter().any(|synonym| plain(synonym) == wanted)
    };
    VOCABULARY.iter().find(fits)
}

/// Replaces the labels that the vocabulary knows by their canonical names, in place, and says what became of
/// each label, in alphabetical order. Unknown labels stay; empty ones are not listed.
///
/// # Examples
/// ```
/// let mut labels = vec!["5P_PT".to_owned(), "5P-ET".to_owned(), "Dm3".to_owned()];
/// let mapping = neuroloom_core::canonicalise_cell_types(&mut labels);
/// assert_eq!(labels, ["5P-ET", "5P-ET", "Dm3"]);
/// assert_eq!(mapping.len(), 3);
/// ```
pub fn canonicalise_cell_types(labels: &mut [String]) -> Vec<LabelMapping> {
    let mapping = describe_cell_types(labels);
    let canonical: BTreeMap<&str, &str> =
        mapping.iter().map(|one| (one.label.as_str(), one.kept.as_str())).collect();
    for label in labels {
        if let Some(&kept) = canonical.get(label.as_str()) {
            kept.clone_into(label);
        }
    }
    mapping
}

/// What [`canonicalise_cell_types`] would make of each label; nothing is changed.
pub fn describe_cell_types(labels: &[String]) -> Vec<LabelMapping> {
    let mut n_cells: BTreeMap<&str, usize> = BTreeMap::new();
    for label in labels.iter().filter(|label| !label.is_empty()) {
        *n_cells.entry(label).or_default() += 1;
    }
    let line = |(label, n_cells): (&str, usize)| {
        let canonical = canonical_cell_type(label);
        LabelMapping {
            label: label.to_owned(),
            kept: canonical.map_or(label, |one| one.name).to_owned(),
            class: canonical.map(|one| one.class),
            n_cells,
        }
    };
    n_cells.into_iter().map(line).collect()
}

/// Lower case without the marks that spellings differ in.
fn plain(label: &str) -> String {
    label.chars().filter(|letter| !" -_/".contains(*letter)).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spelling_means_two_types() {
        let mut spellings: BTreeMap<String, &str> = BTreeMap::new();
        for one in VOCABULARY {
            for spelling in one.synonyms.iter().chain([&one.name]) {
                let first = spellings.insert(plain(spelling), one.name);
                assert!(first.is_none_or(|first| first == one.name), "{spelling}: {first:?}, {}", one.name);
            }
        }
    }

    #[test]
    fn the_labels_of_conntility_and_cave_meet() {
        let cave = ["5P-ET", "5P-IT", "6P-IT", "6P-CT", "23P"];
        let conntility = ["5P_PT", "5P_IT", "6IT", "6CT", "23P"];
        for (cave, conntility) in cave.iter().zip(conntility) {
            assert_eq!(canonical_cell_type(cave), canonical_cell_type(conntility));
            assert!(canonical_cell_type(cave).is_some());
        }
    }
}
