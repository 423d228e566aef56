//! Update functions phi and transfer functions psi.

use super::connectivity::check_histogram;
use super::{Block, Section};
use crate::data::{FunctionGroup, Functions};
use crate::figure::curves::{FunctionPlot, functions};
use crate::figure::{Figure, Span};
use crate::number::with_unit;
use crate::{Error, check};

/// Both kinds of functions side by side.
pub(super) fn section(given: &Functions) -> Result<Section, Error> {
    check_groups("functions.update", &given.update)?;
    check_groups("functions.transfer", &given.transfer)?;
    if let Some(occupancy) = &given.occupancy {
        check_histogram("functions.occupancy", occupancy)?;
    }
    let panels: Vec<_> = [update(given), transfer(given)].into_iter().flatten().collect();
    let blocks = if panels.is_empty() { Vec::new() } else { vec![Block::Figure(figure(given, panels))] };
    let lead =
        "dx/dt = φ(x) + Σ W ψ(x): φ is what a neuron does alone, ψ is what its activity is to the others.";
    Ok(Section { id: "functions", title: "Functions", lead: lead.to_owned(), blocks })
}

fn figure(given: &Functions, panels: Vec<crate::figure::Panel>) -> Figure {
    let groups = || given.update.iter().chain(&given.transfer);
    let mut caption = String::new();
    if groups().any(|group| !group.neurons.is_empty()) {
        caption.push_str("Faint lines are single neurons on the range that each visited. ");
    }
    if groups().any(|group| !group.lower.is_empty()) {
        caption.push_str("Bands show the spread or the confidence interval. ");
    }
    if groups().any(|group| !group.truth.is_empty()) {
        caption.push_str("Dashed lines are the true functions; look for where the learned ones leave them. ");
    }
    if given.occupancy.is_some() {
        caption.push_str(
            "The grey shape at the bottom shows how often each activity was visited: beyond it, curves are \
             extrapolation. ",
        );
    }
    caption.push_str(&given.note);
    Figure { stem: "functions", title: "Update and transfer functions".to_owned(), caption, panels }
}

fn update(given: &Functions) -> Option<crate::figure::Panel> {
    let plot = FunctionPlot {
        title: "Update φ",
        axis_names: (with_unit("activity x", &given.x_unit), with_unit("φ(x)", &given.update_unit)),
        groups: &given.update,
        dashed: "true",
        occupancy: None,
        span: Span::Half,
    };
    (!given.update.is_empty()).then(|| functions("update_functions", &plot))
}

fn transfer(given: &Functions) -> Option<crate::figure::Panel> {
    let plot = FunctionPlot {
        title: "Transfer ψ",
        axis_names: (with_unit("activity x", &given.x_unit), with_unit("ψ(x)", &given.transfer_unit)),
        groups: &given.transfer,
        dashed: "true",
        occupancy: given.occupancy.as_ref(),
        span: Span::Half,
    };
    (!given.transfer.is_empty()).then(|| functions("transfer_functions", &plot))
}

pub(super) fn check_groups(place: &str, groups: &[FunctionGroup]) -> Result<(), Error> {
    for (rank, group) in groups.iter().enumerate() {
        let place = format!("{place}[{rank}]");
        let allowed = (group.x.len(), "x");
        let lists = [
            ("center", &group.center),
            ("lower", &group.lower),
            ("upper", &group.upper),
            ("truth", &group.truth),
        ];
        for (name, list) in lists {
            check::length_or_none(&format!("{place}.{name}"), list.len(), allowed)?;
        }
        for (neuron, curve) in group.neurons.iter().enumerate() {
            check::length(&format!("{place}.neurons[{neuron}]"), curve.len(), allowed)?;
        }
    }
    Ok(())
}
