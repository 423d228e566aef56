//! How much the discrepancy of two sets varies with the circuits that happen to be in them.

use neuroloom_core::Seed;
use rand::seq::SliceRandom;
use rayon::prelude::*;
use serde::Serialize;

use super::describe::SetDescription;
use super::{Descriptor, LEAST_CIRCUITS, best, describe, discrepancy};
use crate::Error;
use crate::statistics::mean_and_sd;

/// PolyGraph discrepancies of subsamples: half of each set, drawn without replacement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PgdInterval {
    /// Subsamples of each set.
    pub n_subsamples: usize,
    /// Circuits of a subsample: of the reference, of the other set.
    pub n_circuits: (usize, usize),
    /// Mean and standard deviation of [`super::SetDifference::pgd`].
    pub pgd: (f64, f64),
    /// Mean and standard deviation of [`super::SetDifference::pgd_directed`].
    pub pgd_directed: (f64, f64),
}

/// Repeats the PolyGraph discrepancy on random halves of both sets; `None` where a half is smaller than
/// [`LEAST_CIRCUITS`] or fewer than two are asked for.
///
/// The classifier learns from fewer circuits than in [`super::difference`], so the mean is biased towards 0; the
/// standard deviation says how far a difference of two discrepancies may be chance.
///
/// # Errors
/// What the classifiers say.
pub fn pgd_interval(
    (reference, other): (&SetDescription, &SetDescription),
    n_subsamples: usize,
    seed: Seed,
) -> Result<Option<PgdInterval>, Error> {
    let n_circuits = (reference.len() / 2, other.len() / 2);
    if n_circuits.0.min(n_circuits.1) < LEAST_CIRCUITS || n_subsamples < 2 {
        return Ok(None);
    }
    let draw = |place: usize| -> Result<(f64, f64), Error> {
        let seed = seed.split("subsample").nth(place as u64);
        let one = half(reference, seed.split("reference"));
        let two = half(other, seed.split("other"));
        let scored: Result<Vec<Scored>, Error> =
            Descriptor::ALL.into_iter().map(|descriptor| score((&one, &two), descriptor, seed)).collect();
        let scored = scored?;
        let of = |scored: &Scored| (scored.validation, scored.test, "");
        let published = best(scored.iter().filter(|one| one.descriptor.is_published()).map(of));
        Ok((published.0, best(scored.iter().map(of)).0))
    };
    let drawn: Vec<(f64, f64)> = (0..n_subsamples).into_par_iter().map(draw).collect::<Result<_, _>>()?;
    let summary = |values: Vec<f64>| mean_and_sd(&values).unwrap_or((f64::NAN, f64::NAN));
    Ok(Some(PgdInterval {
        n_subsamples,
        n_circuits,
        pgd: summary(drawn.iter().map(|one| one.0).collect()),
        pgd_directed: summary(drawn.iter().map(|one| one.1).collect()),
    }))
}

struct Scored {
    descriptor: Descriptor,
    validation: f64,
    test: f64,
}

/// A set and the rows of it that are in a subsample.
type Half<'a> = (&'a SetDescription, Vec<usize>);

/// Rows of a set that are in a subsample, ascending.
fn half(set: &SetDescription, seed: Seed) -> Half<'_> {
    let mut order: Vec<usize> = (0..set.len()).collect();
    order.shuffle(&mut seed.rng());
    order.truncate(set.len() / 2);
    order.sort_unstable();
    (set, order)
}

fn rows<'a>((set, members): &Half<'a>, descriptor: Descriptor) -> Vec<&'a [f64]> {
    let all = set.of(descriptor);
    members.iter().map(|&member| all[member]).collect()
}

fn score((one, two): (&Half<'_>, &Half<'_>), descriptor: Descriptor, seed: Seed) -> Result<Scored, Error> {
    let (one, two) = describe::padded(rows(one, descriptor), rows(two, descriptor));
    let found = discrepancy::jensen_shannon(&one, &two, seed.split(descriptor.name()))?;
    Ok(Scored { descriptor, validation: found.validation, test: found.test })
}
