//! The vocabulary itself: eleven neuron types and five other cells of mouse cortex, the subtypes that newer
//! tables add, and coarse classes.

use super::{CanonicalType, CellClass};

/// Every canonical type. Names follow `aibs_metamodel_celltypes_v661` of minnie65; finer excitatory types of
/// `aibs_metamodel_mtypes` and `cell_type_multifeature_combo` map to the coarse type of their layer.
pub const VOCABULARY: &[CanonicalType] = &[
    excitatory(
        "23P",
        "layer 2/3 pyramidal",
        &["L23P", "23IT", "L23IT", "L2IT", "L3IT", "L2a", "L2b", "L3a", "L3b", "L3c"],
    ),
    excitatory("4P", "layer 4 pyramidal", &["L4P", "4IT", "L4IT", "L4a", "L4b", "L4c"]),
    excitatory("5P-IT", "layer 5 intratelencephalic", &["5IT", "L5IT", "L5PIT", "L5a", "L5b"]),
    excitatory(
        "5P-ET",
        "layer 5 extratelencephalic (pyramidal tract)",
        &["5ET", "L5ET", "5PT", "5P-PT", "L5PT", "L5PET", "L5PPT"],
    ),
    excitatory("5P-NP", "layer 5 near-projecting", &["5NP", "L5NP", "L5PNP"]),
    excitatory("6P-IT", "layer 6 intratelencephalic", &["6IT", "L6IT", "L6PIT", "L6a", "L6b", "L6c"]),
    excitatory("6P-CT", "layer 6 corticothalamic", &["6CT", "L6CT", "L6PCT"]),
    excitatory("6P-WM", "layer 6 near the white matter", &["L6wm", "6wm"]),
    excitatory(
        "excitatory",
        "excitatory, type unknown",
        &["e", "exc", "excitatory neuron", "aibs coarse excitatory"],
    ),
    inhibitory("BC", "basket cell", &["basket", "basket cell", "L23BC", "PTC", "AltBasket"]),
    inhibitory("BPC", "bipolar cell", &["bipolar", "bipolar cell", "ITC"]),
    inhibitory("MC", "Martinotti cell", &["martinotti", "martinotti cell", "DTC"]),
    inhibitory("NGC", "neurogliaform cell", &["neurogliaform", "neurogliaform cell", "STC"]),
    inhibitory("ChC", "chandelier cell", &["chandelier", "chandelier cell"]),
    inhibitory(
        "inhibitory",
        "inhibitory, type unknown",
        &["i", "inh", "inhibitory neuron", "aibs coarse inhibitory"],
    ),
    other("astrocyte", "astrocyte", &["astro"]),
    other("microglia", "microglia", &["micro"]),
    other("OPC", "oligodendrocyte precursor cell", &["oligodendrocyte precursor"]),
    other("oligo", "oligodendrocyte", &["oligodendrocyte"]),
    other("pericyte", "pericyte", &["peri"]),
    other(
        "nonneuron",
        "no neuron, type unknown",
        &["g", "glia", "non neuron", "nonneuronal", "aibs coarse nonneuronal"],
    ),
];

const fn excitatory(
    name: &'static str,
    meaning: &'static str,
    synonyms: &'static [&'static str],
) -> CanonicalType {
    CanonicalType { name, class: CellClass::Excitatory, meaning, synonyms }
}

const fn inhibitory(
    name: &'static str,
    meaning: &'static str,
    synonyms: &'static [&'static str],
) -> CanonicalType {
    CanonicalType { name, class: CellClass::Inhibitory, meaning, synonyms }
}

const fn other(
    name: &'static str,
    meaning: &'static str,
    synonyms: &'static [&'static str],
) -> CanonicalType {
    CanonicalType { name, class: CellClass::NonNeuronal, meaning, synonyms }
}
