//! The end of a training: from nearly there to a place where nothing pulls the weights any more.
//!
//! Adam's batches differ, and its steps are no smaller for a weight that is nearly right, so it ends near a minimum and
//! not at one. Here every step sees all inputs, in f64. First each hidden unit gets its best size ([`rescale`]), then
//! quasi-Newton steps follow until the shortest subgradient is small beside the pull of the prices.

use super::quasi_newton::{Place, QuasiNewton};
use super::rescaling::rescale;
use super::stationarity::{Terms, stationarity};
use super::{Criterion, Descent, HistoryPoint, Problem};
use crate::Error;
use crate::weight_manifold::config::Constraint;
use crate::weight_manifold::model::{Autoencoder, square};

/// Steps between two looks at where it stands.
const EVERY: usize = 25;

impl Problem<'_> {
    /// Whether weights pay on either side of every unit: without it there is no minimum to go to.
    pub(super) fn is_priced_on_both_sides(&self) -> bool {
        let penalty = &self.penalty;
        let first = penalty.l2_input + penalty.activity + penalty.l1;
        first > 0.0 && penalty.l2_output + penalty.l1 > 0.0
    }

    /// Whether there is a minimum, and steps that know the constraint.
    pub(super) fn can_be_polished(&self) -> bool {
        self.is_priced_on_both_sides() && self.config.constraint != Constraint::Tied
    }

    /// Share of the prices' pull that the inputs do not hold yet; `None` where nothing is paid, and for tied weights,
    /// whose two copies move as one.
    pub(super) fn stationarity(&self, model: &Autoencoder) -> Option<f64> {
        if self.config.constraint == Constraint::Tied {
            return None;
        }
        let at = self.row_of(model);
        stationarity(&at, &self.smooth(&at).1, &self.terms())
    }

    /// The loss over all inputs, prices included.
    pub(super) fn loss(&self, model: &Autoencoder) -> f64 {
        let at = self.row_of(model);
        self.smooth(&at).0 + self.terms().size_price(&at)
    }

    /// Goes on from where a descent is: rescales, then takes at most `polish` steps.
    pub(super) fn finished(&self, mut descent: Descent) -> Result<Descent, Error> {
        rescale(&mut descent.model, self);
        let (terms, smooth) = (self.terms(), |at: &[f64]| self.smooth(at));
        let mut search = QuasiNewton::new(&smooth, &terms, self.row_of(&descent.model));
        let (mut steps, mut is_still, mut can_move) = (0, false, true);
        while can_move && !is_still && steps < self.config.polish {
            can_move = search.step();
            steps += usize::from(can_move);
            if steps.is_multiple_of(EVERY) || !can_move || steps == self.config.polish {
                let point = self.looked_at(&search.place, &terms, descent.steps + steps)?;
                is_still = point.stationarity.is_some_and(|left| left < self.config.stationarity)
                    && point.balance_error.is_none_or(|error| error < self.config.tolerance);
                descent.history.push(point);
            }
        }
        descent.model = self.network(&search.place.at);
        descent.steps += steps;
        (descent.converged, descent.criterion) = (is_still, Criterion::Stationarity);
        Ok(descent)
    }

    fn looked_at(&self, place: &Place, terms: &Terms, step: usize) -> Result<HistoryPoint, Error> {
        self.step(step, place.loss)?;
        let stationarity = stationarity(&place.at, &place.gradient, terms);
        let balance_error = self.balance(&self.network(&place.at));
        Ok(HistoryPoint { step, loss: place.loss, balance_error, stationarity })
    }

    fn terms(&self) -> Terms {
        let (n_inputs, n_hidden) = (self.inputs.ncols(), self.config.hidden);
        let n_biases = if self.has_own_biases() { n_inputs + n_hidden } else { 0 };
        let n_weights = n_inputs * n_hidden;
        let of = |first: f64, second: f64| {
            let firsts = std::iter::repeat_n(first, n_weights);
            let rest = std::iter::repeat_n(second, n_weights).chain(std::iter::repeat_n(0.0, n_biases));
            firsts.chain(rest).collect::<Vec<f64>>()
        };
        let sign = match self.signs() {
            None => of(0.0, 0.0),
            Some(signs) => {
                let firsts = (0..n_weights).map(|place| signs.input[place % n_inputs]);
                let seconds = (0..n_weights).map(|place| signs.hidden[place % n_hidden]);
                firsts.chain(seconds).chain(std::iter::repeat_n(0.0, n_biases)).collect()
            }
        };
        let penalty = &self.penalty;
        // What a bias acts on is 1, what a weight acts on is the size of an input.
        let of_bias = square(self.inputs) / self.inputs.len() as f64;
        let weights = std::iter::repeat_n(1.0, 2 * n_weights);
        Terms {
            price: of(penalty.l1, penalty.l1),
            sign,
            square_price: of(penalty.l2_input, penalty.l2_output),
            softness: weights.chain(std::iter::repeat_n(of_bias, n_biases)).collect(),
        }
    }
}
