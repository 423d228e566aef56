//! phi and psi.

use neuroloom_models::mechanism::Curve;
use neuroloom_report::{FunctionGroup, Functions};

use super::Parts;

pub(super) fn functions(parts: &Parts<'_>) -> Functions {
    let figures = parts.figures;
    let unit = parts.recording.unit.clone().unwrap_or_default();
    let per_second = if unit.is_empty() { "1/s".to_owned() } else { format!("{unit}/s") };
    Functions {
        x_unit: unit,
        update_unit: per_second,
        update: figures.update_curves.iter().map(group).collect(),
        transfer_unit: String::new(),
        transfer: figures.transfer_curves.iter().map(group).collect(),
        occupancy: None,
        note: "phi of each type: median over its neurons, band 5 % to 95 %; psi has maximum 1 and psi(0) = 0"
            .to_owned(),
    }
}

fn group(curve: &Curve) -> FunctionGroup {
    FunctionGroup {
        name: curve.name.clone(),
        x: curve.x.clone(),
        neurons: Vec::new(),
        center: curve.y.clone(),
        lower: curve.lower.clone(),
        upper: curve.upper.clone(),
        truth: curve.truth.clone(),
    }
}
