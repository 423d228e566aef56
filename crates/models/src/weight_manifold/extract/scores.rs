//! How well a reading agrees with what is known of the neurons, each score beside that of shuffled weights.

use ndarray::{ArrayView2, Axis, s};
use neuroloom_analysis::manifold::euclidean_distances;
use neuroloom_analysis::manifold::quality::{
    circular_correlation, continuity, distance_spearman, latent_distances, mean_matched_correlation,
    neighbour_overlap, neighbour_regression_r2, procrustes_r2, ring_resultant, shuffled_within_columns,
    spearman, trustworthiness,
};
use neuroloom_core::Seed;
use neuroloom_sim::LatentAxis;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::config::ExtractConfig;
use super::reading::{Manifold, Reading};
use super::truth::NeuronTruth;
use crate::Error;

/// Neighbours that the scores of neighbourhoods look at.
const K: usize = 8;
/// Fewest neurons with a known latent for which agreement is scored.
const FEWEST: usize = 10;

/// A score beside its null level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Its name, such as `ring_resultant`.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// Mean over shuffled weights.
    pub null_mean: f64,
    /// Largest over shuffled weights.
    pub null_most: f64,
    /// Shuffles whose score could be computed.
    pub n_shuffles: usize,
}

/// Scores of one piece.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ManifoldScores {
    /// Of the embedding against the points: no truth is needed.
    pub quality: Vec<Score>,
    /// Against the truth; empty without one.
    pub agreement: Vec<Score>,
    /// The group that most members belong to.
    pub group: Option<String>,
    /// Its share of the members that are known.
    pub purity: Option<f64>,
    /// Members with a known latent in that group.
    pub n_known: usize,
}

/// Named numbers in a fixed order.
type Named = Vec<(&'static str, f64)>;

/// Scores a piece of a reading; `points` are all points, `truth` has one entry a point.
///
/// # Errors
/// [`Error::Mismatch`] if the truth is of another number of neurons.
pub fn score(
    (points, manifold): (ArrayView2<'_, f64>, &Manifold),
    truth: Option<&NeuronTruth>,
    config: &ExtractConfig,
    seed: Seed,
) -> Result<ManifoldScores, Error> {
    if let Some(truth) = truth {
        truth.check(points.nrows())?;
    }
    let own = points.select(Axis(0), &manifold.members);
    let local = truth.map(|truth| truth.select(&manifold.members));
    let group = truth.and_then(|truth| truth.majority(&manifold.members));
    let whole = Manifold { members: (0..manifold.members.len()).collect(), ..manifold.clone() };
    let quality = qualities(own.view(), &whole);
    let agreement = agreements(own.view(), &whole, local.as_ref(), group.map(|group| group.0));
    let seed = seed.split("null of the scores");
    let nulls: Vec<(Named, Named)> = (0..config.shuffles)
        .into_par_iter()
        .filter_map(|index| {
            let seed = seed.nth(index as u64);
            let shuffled = shuffled_within_columns(own.view(), seed);
            let reading = Reading::of(shuffled.view(), config, seed).ok()?;
            let largest = reading.manifolds.first()?;
            let quality = qualities(shuffled.select(Axis(0), &largest.members).view(), largest);
            Some((quality, agreements(shuffled.view(), largest, local.as_ref(), group.map(|group| group.0))))
        })
        .collect();
    let of = |named: Named, side: fn(&(Named, Named)) -> &Named| {
        named.into_iter().map(|(name, value)| beside_null(name, value, nulls.iter().map(side))).collect()
    };
    Ok(ManifoldScores {
        quality: of(quality, |null| &null.0),
        agreement: of(agreement, |null| &null.1),
        n_known: match (&local, group) {
            (Some(local), Some((group, _))) => local.of_group(&whole.members, group).0.len(),
            _ => 0,
        },
        purity: group.map(|group| group.1),
        group: truth.zip(group).map(|(truth, (group, _))| truth.groups[group].name.clone()),
    })
}

/// The score that matters most for a latent space, by name.
pub fn main_score(axes: &[LatentAxis]) -> &'static str {
    match axes {
        [LatentAxis::Circle] => "ring_resultant",
        axes if axes.iter().all(|axis| *axis == LatentAxis::Segment) => "procrustes_r2",
        _ => "geodesic_spearman",
    }
}

/// The embedding against the points.
fn qualities(points: ArrayView2<'_, f64>, manifold: &Manifold) -> Named {
    let embedding = manifold.embedding.view();
    let k = K.min(points.nrows().saturating_sub(2));
    collected([
        ("trustworthiness", trustworthiness(points, embedding, k)),
        ("continuity", continuity(points, embedding, k)),
        ("neighbour_overlap", neighbour_overlap(points, embedding, k)),
    ])
}

/// The reading against the truth of one group.
pub(crate) fn agreements(
    points: ArrayView2<'_, f64>,
    manifold: &Manifold,
    truth: Option<&NeuronTruth>,
    group: Option<usize>,
) -> Named {
    let (Some(truth), Some(group)) = (truth, group) else { return Vec::new() };
    let (places, latents) = truth.of_group(&manifold.members, group);
    if places.len() < FEWEST {
        return Vec::new();
    }
    let known = &truth.groups[group];
    let neurons: Vec<usize> = places.iter().map(|&place| manifold.members[place]).collect();
    let own = points.select(Axis(0), &neurons);
    let coordinates = manifold.embedding.select(Axis(0), &places);
    let mut named = special((manifold, &places), coordinates.view(), latents.view(), &known.axes);
    let Ok(distances) = latent_distances(latents.view(), &known.latent_axes()) else { return named };
    let straight = euclidean_distances(own.view()).and_then(|straight| {
        let n = straight.nrows();
        let pairs: Vec<f64> = (0..n).flat_map(|a| straight.slice(s![a, a + 1..]).to_vec()).collect();
        spearman(&pairs, &distances.pairs())
    });
    let unrolled = known.unrolled(latents.view());
    named.extend(collected([
        ("geodesic_spearman", distance_spearman(&manifold.geodesics.among(&places), &distances)),
        ("euclidean_spearman", straight),
        ("latent_neighbour_overlap", neighbour_overlap(own.view(), unrolled.view(), K)),
        ("neighbour_regression_r2", neighbour_regression_r2(coordinates.view(), unrolled.view(), K)),
    ]));
    named
}

/// Scores that only some spaces have.
fn special(
    (manifold, places): (&Manifold, &[usize]),
    coordinates: ArrayView2<'_, f64>,
    latents: ArrayView2<'_, f64>,
    axes: &[LatentAxis],
) -> Named {
    let radians =
        |turns: Vec<f64>| -> Vec<f64> { turns.iter().map(|turn| std::f64::consts::TAU * turn).collect() };
    if axes == [LatentAxis::Circle] {
        let angles = manifold.angle_turns();
        let found = radians(places.iter().map(|&place| angles[place]).collect());
        let true_angles = radians(latents.column(0).to_vec());
        let correlation = circular_correlation(&found, &true_angles).map(f64::abs);
        return collected([
            ("ring_resultant", ring_resultant(&found, &true_angles)),
            ("circular_correlation", correlation),
        ]);
    }
    if axes.contains(&LatentAxis::Circle) || coordinates.ncols() < axes.len() {
        return Vec::new();
    }
    let kept = coordinates.slice(s![.., ..axes.len()]);
    let mut named = collected([("procrustes_r2", procrustes_r2(kept, latents))]);
    if axes.len() == 1 {
        let order = spearman(&kept.column(0).to_vec(), &latents.column(0).to_vec()).map(f64::abs);
        named.extend(collected([("order_spearman", order)]));
    }
    named.extend(collected([("matched_correlation", mean_matched_correlation(kept, latents))]));
    named
}

/// A score that is not defined, such as of points that coincide, is left out.
fn collected<const N: usize>(scores: [(&'static str, Result<f64, neuroloom_analysis::Error>); N]) -> Named {
    scores.into_iter().filter_map(|(name, value)| Some((name, value.ok()?))).collect()
}

fn beside_null<'a>(name: &str, value: f64, nulls: impl Iterator<Item = &'a Named>) -> Score {
    let found = |null: &Named| null.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
    let values: Vec<f64> = nulls.filter_map(found).collect();
    let n_shuffles = values.len();
    Score {
        name: name.to_owned(),
        value,
        null_mean: values.iter().sum::<f64>() / n_shuffles as f64,
        null_most: values.iter().copied().fold(f64::NAN, f64::max),
        n_shuffles,
    }
}
