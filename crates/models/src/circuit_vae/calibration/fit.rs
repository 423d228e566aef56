//! Five numbers from five moments, by fixed-point steps on expectations.

use neuroloom_core::Seed;
use rayon::prelude::*;

use super::{Calibration, CodeDistribution, normals};
use crate::Error;
use crate::circuit_vae::example::GraphExample;
use crate::circuit_vae::model::{CircuitVae, Code, PairStates};

/// Draws of codes and gains that the moments are taken of: with one a circuit, their scatter alone moves the mean
/// reciprocity by some percent.
const N_DRAWS: usize = 400;
/// Steps of the fixed-point iteration.
const N_STEPS: usize = 25;
/// Farthest that a log odds is moved.
const FARTHEST: f64 = 3.0;
/// Largest variance of a log gain.
const WIDEST: f64 = 4.0;

/// Where codes lie and how draws depart from the decoder, from circuits that are not for testing.
pub(in crate::circuit_vae) fn fit(
    vae: &CircuitVae,
    examples: &[&GraphExample],
    seed: Seed,
) -> Result<(CodeDistribution, Calibration), Error> {
    let codes: Result<Vec<Code>, Error> = examples.par_iter().map(|one| vae.encode(one)).collect();
    let distribution = CodeDistribution::of_codes(&codes?, vae.config().latent)?;
    let stride = examples.len().div_ceil(N_DRAWS).max(1);
    let chosen: Vec<&GraphExample> = examples.iter().copied().step_by(stride).collect();
    // Equally many of each, so that sums over draws compare with sums over circuits.
    let n_draws = (N_DRAWS / chosen.len().max(1)).max(1);
    let subject =
        |draw: usize| Subject::new(vae, chosen[draw % chosen.len()], (&distribution, seed.nth(draw as u64)));
    let draws = 0..chosen.len() * n_draws;
    let subjects: Vec<Subject> = draws.into_par_iter().map(subject).collect::<Result<_, Error>>()?;
    let data = Moments::sum((0..n_draws).flat_map(|_| chosen.iter().map(|example| observed(example))));
    Ok((distribution, solve(&subjects, &data)))
}

/// Nothing where there is no edge to learn from.
fn solve(subjects: &[Subject], data: &Moments) -> Calibration {
    let mut found = Calibration::default();
    if data.edges <= 0.0 {
        return found;
    }
    for _ in 0..N_STEPS {
        let parts: Vec<Moments> = subjects.par_iter().map(|one| one.expected(&found)).collect();
        let now = Moments::sum(parts.into_iter());
        let more_edges = (data.edges / now.edges.max(1e-9)).ln().clamp(-1.0, 1.0);
        let more_mutual = ((data.reciprocity + 1e-6) / (now.reciprocity + 1e-6)).ln().clamp(-1.0, 1.0);
        found.rate = (found.rate + more_edges).clamp(-FARTHEST, FARTHEST);
        // One more unit of rate is one more unit of log reciprocity.
        found.mutual = (found.mutual + more_mutual - more_edges).clamp(-FARTHEST, FARTHEST);
        let step = |wanted: [f64; 2], made: [f64; 2]| (wanted[0] - made[0]) / made[1].max(1e-9);
        found.sender = (found.sender + 0.7 * step(data.sender, now.sender)).clamp(0.0, WIDEST);
        found.receiver = (found.receiver + 0.7 * step(data.receiver, now.receiver)).clamp(0.0, WIDEST);
        let most = 0.95 * (found.sender * found.receiver).sqrt();
        found.covariance = (found.covariance + 0.7 * step(data.joint, now.joint)).clamp(-most, most);
    }
    found
}

/// Sums over circuits; the second of a pair of numbers is the sum of squares that a gain multiplies.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Moments {
    edges: f64,
    /// Share of edges that are returned.
    reciprocity: f64,
    /// Squared deviations of out-degrees from the mean of their circuit.
    sender: [f64; 2],
    receiver: [f64; 2],
    joint: [f64; 2],
}

impl Moments {
    fn sum(parts: impl Iterator<Item = Self>) -> Self {
        let add = |a: [f64; 2], b: [f64; 2]| [a[0] + b[0], a[1] + b[1]];
        parts.fold(Self::default(), |sum, one| Self {
            edges: sum.edges + one.edges,
            reciprocity: sum.reciprocity + one.reciprocity,
            sender: add(sum.sender, one.sender),
            receiver: add(sum.receiver, one.receiver),
            joint: add(sum.joint, one.joint),
        })
    }

    /// From means and (co)variances of the degrees of the neurons of a circuit.
    fn of(degrees: &[Degrees], mutual: f64) -> Self {
        let n = degrees.len().max(1) as f64;
        let edges: f64 = degrees.iter().map(|one| one.out).sum();
        let squares = |one: fn(&Degrees) -> f64, other: fn(&Degrees) -> f64, noise: fn(&Degrees) -> f64| {
            let products: f64 = degrees.iter().map(|row| one(row) * other(row) + noise(row)).sum();
            [products - edges * edges / n, degrees.iter().map(|row| one(row) * other(row)).sum()]
        };
        Self {
            edges,
            reciprocity: if edges > 0.0 { 2.0 * mutual / edges } else { 0.0 },
            sender: squares(|row| row.out, |row| row.out, |row| row.out_variance),
            receiver: squares(|row| row.into, |row| row.into, |row| row.into_variance),
            joint: squares(|row| row.out, |row| row.into, |row| row.covariance),
        }
    }
}

/// Expected degrees of a neuron, and how they scatter about them.
#[derive(Debug, Clone, Copy, Default)]
struct Degrees {
    out: f64,
    into: f64,
    out_variance: f64,
    into_variance: f64,
    covariance: f64,
}

fn observed(example: &GraphExample) -> Moments {
    let mut degrees = vec![Degrees::default(); example.n_neurons()];
    let mut mutual = 0.0;
    for &(pre, post) in &example.edges {
        degrees[pre as usize].out += 1.0;
        degrees[post as usize].into += 1.0;
        if pre < post && example.edges.binary_search(&(post, pre)).is_ok() {
            mutual += 1.0;
        }
    }
    Moments::of(&degrees, mutual)
}

/// A circuit as the decoder draws it: one code, the gains' random numbers, and the probabilities of its pairs.
struct Subject {
    normals: Vec<(f64, f64)>,
    /// Of the pairs i < j, row after row.
    states: Vec<PairStates>,
    /// Whether i -> j and j -> i of these pairs could have been seen.
    seen: Vec<(bool, bool)>,
}

impl Subject {
    fn new(
        vae: &CircuitVae,
        example: &GraphExample,
        (codes, seed): (&CodeDistribution, Seed),
    ) -> Result<Self, Error> {
        let table = vae.dyads(&codes.draw(seed), Some(&example.conditions))?;
        let n = example.n_neurons();
        let pairs = || (0..n).flat_map(move |i| (i + 1..n).map(move |j| (i, j)));
        Ok(Self {
            normals: normals(n, seed),
            states: pairs().map(|(i, j)| table.states(i, j)).collect(),
            seen: pairs().map(|(i, j)| (example.is_observed(i, j), example.is_observed(j, i))).collect(),
        })
    }

    /// Expectations given the gains, so that no draw of edges adds noise.
    fn expected(&self, calibration: &Calibration) -> Moments {
        let (n, gains) = (self.normals.len(), calibration.scaled(&self.normals));
        let mut degrees = vec![Degrees::default(); n];
        let (mut mutual, mut at) = (0.0, 0);
        for i in 0..n {
            for j in i + 1..n {
                let [_, forth, back, both] =
                    calibration.apply(self.states[at], gains[i], gains[j]).map(f64::from);
                let (seen_forth, seen_back) = self.seen[at];
                at += 1;
                let forth = if seen_forth { forth + both } else { 0.0 };
                let back = if seen_back { back + both } else { 0.0 };
                let both = if seen_forth && seen_back { both } else { 0.0 };
                mutual += both;
                for (sender, receiver, p) in [(i, j, forth), (j, i, back)] {
                    degrees[sender].out += p;
                    degrees[sender].out_variance += p * (1.0 - p);
                    degrees[receiver].into += p;
                    degrees[receiver].into_variance += p * (1.0 - p);
                }
                let excess = both - forth * back;
                degrees[i].covariance += excess;
                degrees[j].covariance += excess;
            }
        }
        Moments::of(&degrees, mutual)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Circuits whose decoder says the same of every pair.
    fn subjects(states: PairStates) -> Vec<Subject> {
        let n = 60;
        let one = |k: u64| Subject {
            normals: normals(n, Seed(7).nth(k)),
            states: vec![states; n * (n - 1) / 2],
            seen: vec![(true, true); n * (n - 1) / 2],
        };
        (0..20).map(one).collect()
    }

    #[test]
    fn what_was_planted_in_draws_is_found_again() {
        let planted = Calibration { rate: 0.3, mutual: 0.8, sender: 0.4, receiver: 0.2, covariance: 0.1 };
        let subjects = subjects([0.85, 0.07, 0.07, 0.01]);
        let data = Moments::sum(subjects.iter().map(|one| one.expected(&planted)));
        let found = solve(&subjects, &data);
        let near = |a: f64, b: f64| (a - b).abs() < 0.02;
        assert!(near(found.rate, planted.rate) && near(found.mutual, planted.mutual), "{found:?}");
        assert!(near(found.sender, planted.sender) && near(found.receiver, planted.receiver), "{found:?}");
        assert!(near(found.covariance, planted.covariance), "{found:?}");
    }

    #[test]
    fn a_decoder_that_is_right_is_left_alone() {
        let subjects = subjects([0.85, 0.07, 0.07, 0.01]);
        let data = Moments::sum(subjects.iter().map(|one| one.expected(&Calibration::default())));
        assert!(solve(&subjects, &data).sender < 1e-6 && solve(&subjects, &data).rate.abs() < 1e-6);
        assert!(solve(&subjects, &Moments::default()).is_none());
    }
}
