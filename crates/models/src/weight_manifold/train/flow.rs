//! Plain small steps: what the continuous theory speaks of.

use neuroloom_analysis::metrics::regression::linear_fit;

use super::exact::Pair;
use super::{BalanceDecay, Criterion, Descent, HistoryPoint, Problem};
use crate::Error;
use crate::weight_manifold::config::Constraint;
use crate::weight_manifold::model::square;

/// Points of the history.
const N_POINTS: usize = 100;

/// Exactly `steps` steps of size `rate`.
pub(super) fn descend(problem: &Problem<'_>) -> Result<Descent, Error> {
    let (exact, start) = (problem.exact(), problem.start());
    let mut at = Pair::of(&start);
    let every = problem.config.steps.div_ceil(N_POINTS);
    let (mut history, mut imbalance) = (Vec::new(), Vec::new());
    for step in 0..=problem.config.steps {
        let (loss, gradient) = exact.gradient(&at);
        if step % every == 0 || step == problem.config.steps {
            problem.step(step, loss)?;
            let balance_error = problem.balance(&exact.network(at.clone(), &start));
            history.push(HistoryPoint { step, loss, balance_error, stationarity: None });
            imbalance.push((problem.config.rate * step as f64, imbalance_of(&at)));
        }
        if step < problem.config.steps {
            at.add(-problem.config.rate, &gradient);
        }
    }
    let converged =
        history.last().and_then(|last| last.balance_error).is_some_and(|e| e < problem.config.tolerance);
    let (model, steps) = (exact.network(at, &start), problem.config.steps);
    let balance_decay = problem.decay(&imbalance);
    Ok(Descent { model, steps, converged, criterion: Criterion::Balance, history, balance_decay })
}

/// |A A' - B'B|.
fn imbalance_of(at: &Pair) -> f64 {
    square((at.a.dot(&at.a.t()) - at.b.t().dot(&at.b)).view()).sqrt()
}

impl Problem<'_> {
    /// The rate at which the imbalance faded; `None` without one L2 price on both sides, for which there is no such law.
    fn decay(&self, imbalance: &[(f64, f64)]) -> Option<BalanceDecay> {
        let penalty = &self.penalty;
        let is_lawful = penalty.l2_input > 0.0
            && penalty.l2_input == penalty.l2_output
            && penalty.activity == 0.0
            && self.config.constraint == Constraint::Free;
        let (times, logs): (Vec<f64>, Vec<f64>) =
            imbalance.iter().map(|&(time, size)| (time, size.ln())).unzip();
        let rate = -linear_fit(&times, &logs).ok()?.slope;
        is_lawful.then_some(BalanceDecay { rate, law: 2.0 * penalty.l2_input })
    }
}
