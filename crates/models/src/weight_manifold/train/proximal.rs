//! Inertial proximal steps, A and B in turn (iPALM, Pock and Sabach 2016), for weights with signs or an l1 price.
//!
//! With B fixed the loss is quadratic in A, so the longest safe step is known: 1 over |B|^2 times the largest
//! eigenvalue of C, and the like for B. Weights that are not worth their price become exactly zero. Where the inertia
//! would raise the loss it is dropped and the step is taken again without it.

use ndarray::{Array1, Array2, ArrayView2};

use super::constraint::{Signs, shrink};
use super::exact::{Exact, Pair};
use super::{Criterion, Descent, HistoryPoint, Problem};
use crate::Error;
use crate::weight_manifold::config::Penalty;

/// Steps between two looks at the balance.
const EVERY: usize = 25;
/// Steps of the power iteration that bounds a matrix.
const POWER_STEPS: usize = 6;
/// The power iteration approaches the bound from below.
const MARGIN: f64 = 1.1;
/// Change of the weights over `EVERY` steps, relative to their size, below which they stand still.
const STILL: f64 = 1e-4;

/// Ways to an l1 price, in shares of it. Under l1 there are many minima. The weights of a start pay far more than those of
/// a fitted network: at a high price all may be gone before any has found what it is worth, while a low one lets more of
/// them stay than is best. All ways are gone, and the end with the lowest loss is kept.
pub(super) const WAYS: [&[f64]; 3] = [&[1.0], &[0.1, 1.0], &[0.01, 0.1, 1.0]];

struct State<'a, 'b> {
    problem: &'a Problem<'b>,
    penalty: &'a Penalty,
    exact: Exact<'a>,
    signs: Option<Signs>,
    largest: f64,
    /// Directions that the power iterations have found so far.
    probes: (Array1<f64>, Array1<f64>),
}

/// Descends until the balance error is small and the weights stand still, then goes on to where nothing pulls them.
pub(super) fn descend(problem: &Problem<'_>) -> Result<Descent, Error> {
    let ways = if problem.penalty.l1 > 0.0 { &WAYS[..] } else { &WAYS[..1] };
    let mut best: Option<(f64, Descent)> = None;
    let mut done = 0;
    for way in ways {
        let found = along(problem, way, (done, problem.config.steps.div_ceil(ways.len())))?;
        done = found.steps;
        let loss = problem.loss(&found.model);
        // The first of equals.
        if best.as_ref().is_none_or(|(least, _)| loss < *least) {
            best = Some((loss, found));
        }
    }
    let (_, mut descent) = best.ok_or(Error::Diverged { step: done as u64, term: "loss" })?;
    descent.steps = done;
    Ok(descent)
}

/// One way, from the start to the full price.
fn along(problem: &Problem<'_>, way: &[f64], (done, steps): (usize, usize)) -> Result<Descent, Error> {
    let (criterion, balance_decay) = (Criterion::Balance, None);
    let (model, history) = (problem.start(), Vec::new());
    let mut descent = Descent { model, steps: done, converged: false, criterion, history, balance_decay };
    let largest = problem.moments.spectrum()?.values.first().copied().unwrap_or(0.0);
    for (stage, share) in way.iter().enumerate() {
        let penalty = Penalty { l1: share * problem.penalty.l1, ..problem.penalty };
        let until = done + (steps * (stage + 1)).div_ceil(way.len());
        let exact = Exact::new(&problem.moments, &penalty, problem.config.constraint);
        let signs = problem.signs();
        let probes = (Array1::ones(problem.config.hidden), Array1::ones(problem.config.hidden));
        State { problem, penalty: &penalty, exact, signs, largest, probes }.descend(&mut descent, until)?;
    }
    let is_polished = problem.config.polish > 0 && problem.can_be_polished();
    if is_polished { problem.finished(descent) } else { Ok(descent) }
}

impl State<'_, '_> {
    /// At one price, until the weights stand still or the steps are used up.
    fn descend(&mut self, descent: &mut Descent, until: usize) -> Result<(), Error> {
        let problem = self.problem;
        let start = descent.model.clone();
        let mut at = Pair::of(&start);
        let (mut before, mut looked_at, mut age) = (at.clone(), at.clone(), 0);
        let mut loss = self.loss(&at);
        descent.converged = false;
        while descent.steps < until && !descent.converged {
            let inertia = age as f64 / (age as f64 + 3.0);
            let mut next = self.step(&at, &before, inertia);
            let mut next_loss = self.loss(&next);
            age += 1;
            if (next_loss > loss || next_loss.is_nan()) && inertia > 0.0 {
                next = self.step(&at, &at, 0.0);
                (next_loss, age) = (self.loss(&next), 0);
            }
            (before, at, loss) = (at, next, next_loss);
            descent.steps += 1;
            if descent.steps.is_multiple_of(EVERY) {
                problem.step(descent.steps, loss)?;
                let balance_error = problem.balance(&self.exact.network(at.clone(), &start));
                let step = descent.steps;
                descent.history.push(HistoryPoint { step, loss, balance_error, stationarity: None });
                let moved = at.moved(-1.0, &looked_at);
                let is_still = moved.dot(&moved) <= STILL * STILL * at.dot(&at);
                descent.converged =
                    is_still && balance_error.is_none_or(|error| error < problem.config.tolerance);
                looked_at = at.clone();
            }
        }
        descent.model = self.exact.network(at, &start);
        Ok(())
    }

    fn loss(&self, at: &Pair) -> f64 {
        self.exact.gradient(at).0 + self.exact.size_price(at)
    }

    /// A step of A, then one of B with the new A.
    fn step(&mut self, at: &Pair, before: &Pair, inertia: f64) -> Pair {
        let penalty = self.penalty;
        let ahead = |now: &Array2<f64>, then: &Array2<f64>| now + &((now - then) * inertia);
        let mut next = Pair { a: ahead(&at.a, &before.a), b: at.b.clone() };
        let steepness = largest_of(next.b.t().dot(&next.b).view(), &mut self.probes.0) * self.largest;
        let size = 1.0 / (steepness + penalty.l2_input + penalty.activity * self.largest);
        let gradient = self.exact.gradient(&next).1;
        next.a.scaled_add(-size, &gradient.a);
        shrink(&mut next.a, size * penalty.l1, self.signs.as_ref().map(|signs| &signs.input[..]));

        next.b = ahead(&at.b, &before.b);
        let hidden = next.a.dot(&self.problem.moments.second).dot(&next.a.t());
        let size = 1.0 / (largest_of(hidden.view(), &mut self.probes.1) + penalty.l2_output);
        let gradient = self.exact.gradient(&next).1;
        next.b.scaled_add(-size, &gradient.b);
        shrink(&mut next.b, size * penalty.l1, self.signs.as_ref().map(|signs| &signs.hidden[..]));
        next
    }
}

/// A little more than the largest eigenvalue of a positive semidefinite matrix.
fn largest_of(matrix: ArrayView2<'_, f64>, probe: &mut Array1<f64>) -> f64 {
    let mut length = 0.0;
    for _ in 0..POWER_STEPS {
        let next = matrix.dot(probe);
        length = next.dot(&next).sqrt();
        if length == 0.0 {
            break;
        }
        *probe = next / length;
    }
    // A probe at a right angle to everything would end the descent; a trace bounds the matrix from above.
    if length > 0.0 { MARGIN * length } else { matrix.diag().sum().max(1e-12) }
}
