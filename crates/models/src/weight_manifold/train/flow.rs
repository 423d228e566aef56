//! Plain small steps: what the continuous theory speaks of.

use super::exact::Pair;
use super::{Descent, HistoryPoint, Problem};
use crate::Error;

/// Points of the history.
const N_POINTS: usize = 100;

/// Exactly `steps` steps of size `rate`.
pub(super) fn descend(problem: &Problem<'_>) -> Result<Descent, Error> {
    let (exact, start) = (problem.exact(), problem.start());
    let mut at = Pair::of(&start);
    let every = problem.config.steps.div_ceil(N_POINTS);
    let mut history = Vec::new();
    for step in 0..=problem.config.steps {
        let (loss, gradient) = exact.gradient(&at);
        if step % every == 0 || step == problem.config.steps {
            problem.step(step, loss)?;
            let balance_error = problem.balance(&exact.network(at.clone(), &start));
            history.push(HistoryPoint { step, loss, balance_error });
        }
        if step < problem.config.steps {
            at.add(-problem.config.rate, &gradient);
        }
    }
    let converged =
        history.last().and_then(|last| last.balance_error).is_some_and(|e| e < problem.config.tolerance);
    Ok(Descent { model: exact.network(at, &start), steps: problem.config.steps, converged, history })
}
