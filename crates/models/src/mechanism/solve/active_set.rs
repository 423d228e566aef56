//! A quadratic with a price on |w| and given signs, by active sets.
//!
//! minimise 1/2 w'Hw - g'w + lambda sum_j |w_j|,  s_j w_j >= 0 where a sign is given; free places have no price.
//!
//! Every place is below, above or at 0; the places off 0 are solved exactly, then those that contradict their state
//! change it, all at once as long as that lowers their number, else one at a time (Judice and Pires 1994; Kim and
//! Park 2011 for non-negative least squares). For a positive definite H this ends at the minimum.

use faer::linalg::solvers::{Llt, Solve};
use faer::{Mat, Side};

use crate::Error;

/// Contradictions below this share of the largest gradient are rounding.
const TOLERANCE: f64 = 1e-9;
/// Exchanges of many places at once that may fail to lower the contradictions.
const PATIENCE: usize = 3;
/// Most solutions of one problem.
const MOST_ROUNDS: usize = 400;

/// What one place of w may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    /// Anything, without a price.
    Unpriced,
    /// Anything.
    Any,
    /// 0 or above.
    Above,
    /// 0 or below.
    Below,
}

/// The minimum.
pub(super) struct Minimum {
    pub(super) w: Vec<f64>,
    /// Places off 0.
    pub(super) active: Vec<usize>,
    /// Inverse of H over the active places.
    pub(super) inverse: Mat<f64>,
    /// Whether every place agrees with its state.
    pub(super) settled: bool,
}

/// Where one place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Zero,
    Up,
    Down,
}

impl State {
    fn sign(self) -> f64 {
        match self {
            Self::Zero => 0.0,
            Self::Up => 1.0,
            Self::Down => -1.0,
        }
    }
}

/// Minimises over all places.
pub(super) fn minimise(h: &Mat<f64>, g: &[f64], bounds: &[Bound], price: f64) -> Result<Minimum, Error> {
    let m = g.len();
    let scale = TOLERANCE * g.iter().fold(f64::MIN_POSITIVE, |most, one| most.max(one.abs()));
    let everything: Vec<usize> = (0..m).collect();
    let free = solve_on(h, g, &everything, &vec![0.0; m])?;
    let mut sides: Vec<State> = (0..m).map(|j| begin(bounds[j], free[j])).collect();
    let (mut fewest, mut patience) = (usize::MAX, PATIENCE);
    for round in 0..=MOST_ROUNDS {
        let active: Vec<usize> = (0..m).filter(|&j| sides[j] != State::Zero).collect();
        let cost: Vec<f64> = (0..m)
            .map(|j| if bounds[j] == Bound::Unpriced { 0.0 } else { price * sides[j].sign() })
            .collect();
        let w = solve_on(h, g, &active, &cost)?;
        let pull = gradient(h, g, &w, &active);
        let changes: Vec<(usize, State)> = (0..m)
            .filter_map(|j| Some((j, contradiction(bounds[j], sides[j], (w[j], pull[j]), (price, scale))?)))
            .collect();
        if changes.is_empty() || round == MOST_ROUNDS {
            let (settled, inverse) = (changes.is_empty(), inverse_on(h, &active)?);
            return Ok(Minimum { w: feasible(w, bounds), active, inverse, settled });
        }
        let all = if changes.len() < fewest {
            (fewest, patience) = (changes.len(), PATIENCE);
            true
        } else {
            patience = patience.saturating_sub(1);
            patience > 0
        };
        let taken = if all { &changes[..] } else { &changes[changes.len() - 1..] };
        taken.iter().for_each(|&(j, side)| sides[j] = side);
    }
    Err(Error::Singular { stage: "constrained weights" })
}

fn begin(bound: Bound, value: f64) -> State {
    match bound {
        Bound::Unpriced => State::Up,
        Bound::Above if value <= 0.0 => State::Zero,
        Bound::Below if value >= 0.0 => State::Zero,
        _ if value < 0.0 => State::Down,
        _ => State::Up,
    }
}

/// The state that a place should be in instead of its own, if any.
fn contradiction(
    bound: Bound,
    side: State,
    (value, pull): (f64, f64),
    (price, scale): (f64, f64),
) -> Option<State> {
    match (bound, side) {
        (Bound::Unpriced, _) => None,
        (Bound::Any, State::Up | State::Down) if price == 0.0 => None,
        (_, State::Zero) if pull > price + scale && bound != Bound::Below => Some(State::Up),
        (_, State::Zero) if pull < -price - scale && bound != Bound::Above => Some(State::Down),
        (_, State::Zero) => None,
        _ => (value * side.sign() < 0.0).then_some(State::Zero),
    }
}

/// w on the active places, 0 elsewhere.
fn solve_on(h: &Mat<f64>, g: &[f64], active: &[usize], cost: &[f64]) -> Result<Vec<f64>, Error> {
    let mut w = vec![0.0; g.len()];
    if active.is_empty() {
        return Ok(w);
    }
    let factor = factor_on(h, active)?;
    let mut solved = Mat::from_fn(active.len(), 1, |a, _| g[active[a]] - cost[active[a]]);
    factor.solve_in_place(solved.as_mut());
    active.iter().enumerate().for_each(|(a, &j)| w[j] = solved[(a, 0)]);
    Ok(w)
}

/// Inverse of H over the active places.
fn inverse_on(h: &Mat<f64>, active: &[usize]) -> Result<Mat<f64>, Error> {
    let mut inverse = Mat::identity(active.len(), active.len());
    if !active.is_empty() {
        factor_on(h, active)?.solve_in_place(inverse.as_mut());
    }
    Ok(inverse)
}

fn factor_on(h: &Mat<f64>, active: &[usize]) -> Result<Llt<f64>, Error> {
    let part = Mat::from_fn(active.len(), active.len(), |a, b| h[(active[a], active[b])]);
    part.llt(Side::Lower).map_err(|_| Error::Singular { stage: "constrained weights" })
}

/// g - H w.
fn gradient(h: &Mat<f64>, g: &[f64], w: &[f64], active: &[usize]) -> Vec<f64> {
    let mut pull = g.to_vec();
    for &j in active {
        pull.iter_mut().zip(h.col_as_slice(j)).for_each(|(pull, h)| *pull -= h * w[j]);
    }
    pull
}

/// Rounding may leave a place on the wrong side of 0.
fn feasible(mut w: Vec<f64>, bounds: &[Bound]) -> Vec<f64> {
    for (value, bound) in w.iter_mut().zip(bounds) {
        match bound {
            Bound::Above => *value = value.max(0.0),
            Bound::Below => *value = value.min(0.0),
            Bound::Any | Bound::Unpriced => {}
        }
    }
    w
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn gram(rows: &[Vec<f64>]) -> Mat<f64> {
        let m = rows[0].len();
        Mat::from_fn(m, m, |a, b| {
            rows.iter().map(|row| row[a] * row[b]).sum::<f64>() + if a == b { 0.1 } else { 0.0 }
        })
    }

    #[test]
    fn by_hand() {
        // H = I: soft thresholding of g, and what a bound cuts off.
        let h = Mat::identity(4, 4);
        let bounds = [Bound::Any, Bound::Above, Bound::Below, Bound::Unpriced];
        let found = minimise(&h, &[2.0, -3.0, -3.0, 0.2], &bounds, 0.5).unwrap();
        assert_eq!(found.w, [1.5, 0.0, -2.5, 0.2]);
        assert_eq!(found.active, [0, 2, 3]);
        assert!(found.settled);
    }

    proptest! {
        /// The conditions of a minimum: the pull of a place off 0 is the price, at 0 it is no more than that in
        /// an allowed direction.
        #[test]
        fn the_conditions_of_a_minimum_hold(
            rows in prop::collection::vec(prop::collection::vec(-1.0_f64..1.0, 7), 9),
            g in prop::collection::vec(-2.0_f64..2.0, 7),
            kinds in prop::collection::vec(0_usize..4, 7),
            price in 0.0_f64..1.0,
        ) {
            let h = gram(&rows);
            let all = [Bound::Unpriced, Bound::Any, Bound::Above, Bound::Below];
            let bounds: Vec<Bound> = kinds.iter().map(|&kind| all[kind]).collect();
            let found = minimise(&h, &g, &bounds, price).unwrap();
            prop_assert!(found.settled);
            let everything: Vec<usize> = (0..7).collect();
            let pull = gradient(&h, &g, &found.w, &everything);
            for j in 0..7 {
                let own = if bounds[j] == Bound::Unpriced { 0.0 } else { price };
                let (value, pull) = (found.w[j], pull[j]);
                match bounds[j] {
                    Bound::Above => prop_assert!(value >= 0.0),
                    Bound::Below => prop_assert!(value <= 0.0),
                    _ => {}
                }
                if value == 0.0 {
                    prop_assert!(bounds[j] == Bound::Below || pull <= own + 1e-7, "{j} {pull} {own}");
                    prop_assert!(bounds[j] == Bound::Above || pull >= -own - 1e-7, "{j} {pull} {own}");
                } else {
                    prop_assert!((pull - own * value.signum()).abs() < 1e-7, "{j} {pull} {own}");
                }
            }
        }
    }
}
