//! L-BFGS (Nocedal 1980) on the exact loss, with a line search by bisection for the weak Wolfe conditions (Lewis and
//! Overton 2013).

use std::collections::VecDeque;

use super::exact::{Exact, Pair};
use super::{Criterion, Descent, HistoryPoint, Problem};
use crate::Error;

/// Steps remembered.
const MEMORY: usize = 20;
/// Size of the gradient, relative to the first, below which it ends where no balance is known.
const SMALL: f64 = 1e-7;

/// A step and the change of the gradient along it.
struct Pairing {
    step: Pair,
    change: Pair,
    curvature: f64,
}

/// Where the line search ended.
struct Landing {
    at: Pair,
    loss: f64,
    gradient: Pair,
}

/// Descends until the balance error and the gradient are small.
pub(super) fn descend(problem: &Problem<'_>) -> Result<Descent, Error> {
    let (exact, start) = (problem.exact(), problem.start());
    let mut at = Pair::of(&start);
    let (mut loss, mut gradient) = exact.gradient(&at);
    let first = gradient.dot(&gradient).sqrt();
    let mut memory: VecDeque<Pairing> = VecDeque::new();
    let (mut history, mut converged, mut steps) = (Vec::new(), false, 0);
    while steps < problem.config.steps && !converged {
        let direction = direction(&gradient, &memory);
        let Some(landing) =
            search((&exact, &at), (loss, &gradient), &direction, first_size(&gradient, &memory))
        else {
            break;
        };
        remember(&mut memory, (&at, &gradient), &landing);
        (at, loss, gradient) = (landing.at, landing.loss, landing.gradient);
        steps += 1;
        problem.step(steps, loss)?;
        if steps % 10 == 0 || steps == problem.config.steps {
            let balance_error = problem.balance(&exact.network(at.clone(), &start));
            history.push(HistoryPoint { step: steps, loss, balance_error, stationarity: None });
            let is_flat = gradient.dot(&gradient).sqrt() < SMALL * first;
            converged = is_flat && balance_error.is_none_or(|error| error < problem.config.tolerance);
        }
    }
    let model = exact.network(at, &start);
    // A line search that finds nothing lower stands at a minimum as far as rounding lets one see.
    let balanced = problem.balance(&model).is_none_or(|error| error < problem.config.tolerance);
    let stuck = steps < problem.config.steps && balanced;
    let converged = converged || stuck;
    Ok(Descent { model, steps, converged, criterion: Criterion::Gradient, history, balance_decay: None })
}

/// The two-loop recursion.
fn direction(gradient: &Pair, memory: &VecDeque<Pairing>) -> Pair {
    let mut direction = gradient.clone();
    let mut along = Vec::with_capacity(memory.len());
    for one in memory.iter().rev() {
        let share = one.step.dot(&direction) / one.curvature;
        direction.add(-share, &one.change);
        along.push(share);
    }
    if let Some(last) = memory.back() {
        direction.scale(last.curvature / last.change.dot(&last.change));
    }
    for (one, share) in memory.iter().zip(along.iter().rev()) {
        let back = one.change.dot(&direction) / one.curvature;
        direction.add(share - back, &one.step);
    }
    direction.scale(-1.0);
    direction
}

/// Without a memory the direction has no length of its own.
fn first_size(gradient: &Pair, memory: &VecDeque<Pairing>) -> f64 {
    if memory.is_empty() { 1.0 / gradient.dot(gradient).sqrt().max(1e-12) } else { 1.0 }
}

fn search(
    (exact, at): (&Exact<'_>, &Pair),
    (loss, gradient): (f64, &Pair),
    direction: &Pair,
    mut size: f64,
) -> Option<Landing> {
    let slope = gradient.dot(direction);
    if slope >= 0.0 {
        return None;
    }
    let (mut low, mut high) = (0.0, f64::INFINITY);
    for _ in 0..50 {
        let landed = at.moved(size, direction);
        let (new_loss, new_gradient) = exact.gradient(&landed);
        let falls = new_loss <= loss + 1e-4 * size * slope;
        if !falls {
            high = size;
        } else if new_gradient.dot(direction) < 0.9 * slope {
            low = size;
        } else {
            return Some(Landing { at: landed, loss: new_loss, gradient: new_gradient });
        }
        size = if high.is_finite() { 0.5 * (low + high) } else { 2.0 * low };
    }
    None
}

fn remember(memory: &mut VecDeque<Pairing>, (at, gradient): (&Pair, &Pair), landing: &Landing) {
    let step = landing.at.moved(-1.0, at);
    let change = landing.gradient.moved(-1.0, gradient);
    let curvature = step.dot(&change);
    if curvature > 0.0 {
        memory.push_back(Pairing { step, change, curvature });
        if memory.len() > MEMORY {
            memory.pop_front();
        }
    }
}
