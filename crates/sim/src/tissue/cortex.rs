//! The default types: proportions as counted in minnie65, layers as in mouse visual cortex, wiring rules of ours.

use super::TissueType;

/// Name, neurons of minnie65 (aibs_metamodel_celltypes_v661), sign, depth from and to, decay; in micrometres.
const TYPES: [(&str, f64, i8, [f64; 2], f64); 11] = [
    ("23P", 19_656.0, 1, [100.0, 300.0], 120.0),
    ("4P", 14_728.0, 1, [300.0, 410.0], 110.0),
    ("5P-IT", 7_899.0, 1, [410.0, 590.0], 140.0),
    ("5P-ET", 2_167.0, 1, [450.0, 590.0], 140.0),
    ("5P-NP", 958.0, 1, [480.0, 590.0], 110.0),
    ("6P-IT", 11_641.0, 1, [590.0, 830.0], 120.0),
    ("6P-CT", 6_761.0, 1, [600.0, 780.0], 100.0),
    ("BC", 3_319.0, -1, [110.0, 830.0], 80.0),
    ("MC", 2_439.0, -1, [150.0, 830.0], 90.0),
    ("BPC", 1_484.0, -1, [110.0, 700.0], 90.0),
    ("NGC", 621.0, -1, [20.0, 500.0], 100.0),
];

/// Pathways that differ from the rule of their classes, as factors.
const PATHWAYS: [(&str, &str, f64); 8] = [
    ("4P", "23P", 2.5),
    ("23P", "5P-IT", 1.8),
    ("23P", "5P-ET", 2.5),
    ("5P-IT", "23P", 1.5),
    ("6P-CT", "4P", 1.8),
    ("6P-CT", "6P-CT", 0.5),
    ("BPC", "MC", 3.0),
    ("MC", "MC", 0.1),
];

pub(super) fn types() -> Vec<TissueType> {
    let row = |(name, share, sign, depth_um, decay_um): (&str, f64, i8, [f64; 2], f64)| TissueType {
        name: name.to_owned(),
        share,
        sign,
        depth_um,
        decay_um,
    };
    TYPES.map(row).to_vec()
}

/// Excitatory cells seldom reach each other, inhibitory ones reach most of their neighbours; BPC avoid
/// excitatory cells.
pub(super) fn probability() -> Vec<Vec<f64>> {
    let pair = |pre: usize, post: usize| {
        let ((from, _, pre_sign, ..), (to, _, post_sign, ..)) = (TYPES[pre], TYPES[post]);
        let classes = match (pre_sign, post_sign) {
            (1, 1) => 0.10,
            (1, _) => 0.22,
            (_, 1) if from == "BPC" => 0.06,
            (_, 1) => 0.35,
            _ => 0.20,
        };
        let factor = PATHWAYS.iter().find(|one| one.0 == from && one.1 == to).map_or(1.0, |one| one.2);
        classes * factor
    };
    (0..TYPES.len()).map(|pre| (0..TYPES.len()).map(|post| pair(pre, post)).collect()).collect()
}
