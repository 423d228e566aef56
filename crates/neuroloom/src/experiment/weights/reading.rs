//! Reads a manifold from weights and writes what was found.

use neuroloom_core::{Event, Listener, Seed};
use neuroloom_models::weight_manifold::{
    Bars, ExtractConfig, ManifoldScores, Reading, Structure, score, structure,
};
use serde::{Deserialize, Serialize};

use super::subject::{ChosenPoints, Subject};
use super::tables;
use crate::Error;
use crate::experiment::{Artefact, RunDir};

/// `evaluation.json` of a reading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Extraction {
    /// Of the largest piece; `null` where it is too small to be judged.
    pub topology: Option<Structure>,
    /// Points read.
    pub n_points: usize,
    /// Features of each point.
    pub n_features: usize,
    /// Neighbours of each point in the graph.
    pub n_neighbours: usize,
    /// Connected pieces that were embedded, the largest first.
    pub pieces: Vec<PieceExtraction>,
    /// Points in pieces that are too small.
    pub n_left_out: usize,
    /// Points that are all zero.
    pub n_empty: usize,
}

/// One connected piece.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PieceExtraction {
    /// Its points.
    pub n_members: usize,
    /// Dimension and topology.
    pub topology: Option<Structure>,
    /// Scores, each beside its null.
    pub scores: ManifoldScores,
}

/// What was read, with the numbers that figures need.
#[derive(Debug, Clone)]
pub struct Read {
    /// The scores.
    pub extraction: Extraction,
    /// The points.
    pub chosen: ChosenPoints,
    /// The pieces.
    pub reading: Reading,
    /// Bars of H0, H1, H2 of each piece; empty where topology was not judged.
    pub bars: Vec<[Bars; 3]>,
}

/// Reads a subject.
///
/// # Errors
/// [`Error::Models`] if the points cannot be embedded.
pub fn read(
    subject: &Subject,
    config: &ExtractConfig,
    seed: Seed,
    events: &dyn Listener,
) -> Result<Read, Error> {
    events.emit(Event::Started { stage: "extract", total: None });
    let mut chosen = subject.points(config, seed)?;
    let n_empty = without_empty(&mut chosen);
    if n_empty > 0 {
        let message = format!("{n_empty} points have no weight at all and are left out");
        events.emit(Event::Warning(neuroloom_core::Warning::new("empty-points", message)));
    }
    let points = chosen.points.view();
    let reading = Reading::of(points, config, seed.split("reading"))?;
    let (mut pieces, mut bars) = (Vec::new(), Vec::new());
    for manifold in &reading.manifolds {
        if events.cancelled() {
            return Err(Error::Interrupted { stage: "extract" });
        }
        let judged = structure((points, manifold), config, seed)?;
        let scores = score((points, manifold), chosen.truth.as_ref(), config, seed)?;
        let (topology, own_bars) = judged.map_or((None, Default::default()), |(one, bars)| (Some(one), bars));
        bars.push(own_bars);
        pieces.push(PieceExtraction { n_members: manifold.members.len(), topology, scores });
    }
    events.emit(Event::Finished);
    let extraction = Extraction {
        topology: pieces.first().and_then(|piece| piece.topology.clone()),
        n_points: points.nrows(),
        n_features: points.ncols(),
        n_neighbours: config.n_neighbours(points.nrows()),
        pieces,
        n_left_out: reading.left_out.len(),
        n_empty,
    };
    Ok(Read { extraction, chosen, reading, bars })
}

/// Writes the table of coordinates and the order of the neurons.
///
/// # Errors
/// [`Error::Io`] if the folder cannot be written to.
pub fn write(read: &Read, run: &RunDir) -> Result<(), Error> {
    run.write_text(Artefact::Coordinates, &tables::coordinates(read))
}

/// A neuron that sends (or receives) nothing has no direction.
pub(super) fn without_empty(chosen: &mut ChosenPoints) -> usize {
    let n = chosen.points.nrows();
    let kept: Vec<usize> =
        (0..n).filter(|&row| chosen.points.row(row).iter().any(|value| *value != 0.0)).collect();
    if kept.len() < n {
        let pick = |values: &[String]| -> Vec<String> {
            if values.is_empty() { Vec::new() } else { kept.iter().map(|&row| values[row].clone()).collect() }
        };
        *chosen = ChosenPoints {
            points: chosen.points.select(ndarray::Axis(0), &kept),
            neurons: pick(&chosen.neurons),
            cell_types: pick(&chosen.cell_types),
            truth: chosen.truth.as_ref().map(|truth| truth.select(&kept)),
        };
    }
    n - kept.len()
}
