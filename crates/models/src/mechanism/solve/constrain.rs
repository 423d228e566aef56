//! Rows of W under what is known of the wiring: absent edges, signs, a price on each edge.
//!
//! With psi fixed and phi eliminated a row of W minimises a quadratic with
//! H = G - P'B S^-1 B'P, g = P'y - P'B S^-1 B'y, S = B'B + K.
//!
//! - **Mask**: only edges that may be take part.
//! - **Signs**: those that are given, or one for each sender (Dale), that of the sum of its weights in the free fit.
//! - **L1**: the price chooses the edges, as a share of the smallest price that leaves none; those that stay are
//!   then fitted without it (relaxed lasso, Meinshausen 2007), so that they are not shrunk.
//!
//! W_ii belongs to phi_i: it is neither priced nor bounded.

use faer::Mat;
use rayon::prelude::*;

use super::active_set::{Bound, Minimum, minimise};
use super::eliminate::{Penalties, invert, loss, update_penalty};
use super::normal::Normal;
use crate::Error;
use crate::mechanism::{KnownWiring, Signs};

/// What is known of the wiring of the neurons that take part.
pub(super) struct Constraints<'a> {
    pub(super) known: Option<&'a KnownWiring>,
    pub(super) signs: Signs,
    /// Share of the price that leaves no edge.
    pub(super) l1: f64,
}

/// A constrained row.
pub(super) struct ConstrainedRow {
    pub(super) weights: Vec<f64>,
    pub(super) coefficients: Vec<f64>,
    pub(super) loss: f64,
    /// Variances for unit noise; 0 for edges that cannot be, none for those that bound or price hold at 0.
    pub(super) variance: Vec<Option<f64>>,
    /// Weights that are fitted.
    pub(super) n_active: usize,
    pub(super) settled: bool,
}

impl Constraints<'_> {
    /// Whether anything is asked for.
    pub(super) fn any(&self) -> bool {
        self.known.is_some() || self.signs != Signs::Free || self.l1 > 0.0
    }

    /// One sentence for the user.
    pub(super) fn describe(&self) -> String {
        let mut parts = Vec::new();
        if self.known.is_some() {
            parts.push("only edges of the given connectome".to_owned());
        }
        match self.signs {
            Signs::Free => {}
            Signs::Dale => {
                parts.push("one sign a sender, that of the sum of its weights in the free fit".to_owned());
            }
            Signs::Given => parts.push("the signs of the given connectome".to_owned()),
        }
        if self.l1 > 0.0 {
            let price = format!(
                "edges chosen by an L1 price of {} of the one that leaves none, then fitted without it",
                self.l1
            );
            parts.push(price);
        }
        format!("W is constrained: {}", parts.join("; "))
    }

    /// Solves the rows of a class of receivers again. `sums` are the sums of each sender's free weights.
    pub(super) fn rows(
        &self,
        normal: &Normal<'_>,
        receivers: &[usize],
        (penalties, sums): (Penalties, &[f64]),
    ) -> Result<Vec<ConstrainedRow>, Error> {
        (0..receivers.len())
            .into_par_iter()
            .map(|position| {
                let reduced = Reduced::new(normal, position, penalties)?;
                let bound = |sender: usize| self.bound(receivers[position], sender, sums);
                self.row((normal, position), &reduced, bound)
            })
            .collect()
    }

    /// `None` where no edge may be.
    fn bound(&self, receiver: usize, sender: usize, sums: &[f64]) -> Option<Bound> {
        if receiver == sender {
            return Some(Bound::Unpriced);
        }
        let known =
            self.known.map(|known| (known.allowed[[receiver, sender]], known.sign[[receiver, sender]]));
        if known.is_some_and(|(allowed, _)| !allowed) {
            return None;
        }
        let sign = match self.signs {
            Signs::Free => 0.0,
            Signs::Dale => sums[sender],
            Signs::Given => known.map_or(0.0, |(_, sign)| f64::from(sign)),
        };
        Some(match sign {
            sign if sign > 0.0 => Bound::Above,
            sign if sign < 0.0 => Bound::Below,
            _ => Bound::Any,
        })
    }

    fn row(
        &self,
        (normal, position): (&Normal<'_>, usize),
        reduced: &Reduced,
        bound: impl Fn(usize) -> Option<Bound>,
    ) -> Result<ConstrainedRow, Error> {
        let n = normal.gram.nrows();
        let (allowed, bounds): (Vec<usize>, Vec<Bound>) =
            (0..n).filter_map(|sender| Some((sender, bound(sender)?))).unzip();
        let mut places = allowed.clone();
        let mut minimum = reduced.minimise(&places, &bounds, self.price(reduced, &allowed, &bounds))?;
        if self.l1 > 0.0 {
            let chosen = std::mem::take(&mut minimum.active);
            places = chosen.iter().map(|&place| allowed[place]).collect();
            let bounds: Vec<Bound> = chosen.iter().map(|&place| bounds[place]).collect();
            minimum = reduced.minimise(&places, &bounds, 0.0)?;
        }
        let mut weights = vec![0.0; n];
        places.iter().zip(&minimum.w).for_each(|(&sender, &w)| weights[sender] = w);
        let mut variance = vec![Some(0.0); n];
        allowed.iter().for_each(|&sender| variance[sender] = None);
        for (row, &place) in minimum.active.iter().enumerate() {
            variance[places[place]] = Some(minimum.inverse[(row, row)]);
        }
        let coefficients = reduced.coefficients(normal, position, &weights);
        let column = |values: &[f64]| faer::Col::from_fn(values.len(), |place| values[place]);
        Ok(ConstrainedRow {
            loss: loss(normal, position, column(&weights).as_ref(), column(&coefficients).as_ref()),
            coefficients,
            weights,
            variance,
            n_active: minimum.active.len(),
            settled: minimum.settled,
        })
    }

    /// The asked share of the price that leaves no edge: the largest pull where only W_ii is fitted.
    fn price(&self, reduced: &Reduced, allowed: &[usize], bounds: &[Bound]) -> f64 {
        if self.l1 == 0.0 {
            return 0.0;
        }
        let own = allowed.iter().zip(bounds).find(|(_, bound)| **bound == Bound::Unpriced);
        let pull = |sender: usize| match own {
            Some((&own, _)) => {
                reduced.g[sender]
                    - reduced.h[(sender, own)] * reduced.g[own] / reduced.h[(own, own)].max(f64::MIN_POSITIVE)
            }
            None => reduced.g[sender],
        };
        let priced = allowed.iter().zip(bounds).filter(|(_, bound)| **bound != Bound::Unpriced);
        self.l1 * priced.map(|(&sender, _)| pull(sender).abs()).fold(0.0, f64::max)
    }
}

/// One row with phi eliminated.
struct Reduced {
    h: Mat<f64>,
    g: Vec<f64>,
    /// S^-1.
    inverse: Mat<f64>,
}

impl Reduced {
    fn new(normal: &Normal<'_>, position: usize, penalties: Penalties) -> Result<Self, Error> {
        let local = normal.local.of(position);
        let inverse = invert(&normal.own[position] + &update_penalty(normal, position, penalties))?;
        let through = local * &inverse;
        let mut h = &normal.gram - &through * local.transpose();
        let n = h.nrows();
        // Rounding must not make the matrix lopsided.
        for a in 0..n {
            h[(a, a)] += penalties.ridge;
            for b in 0..a {
                let mean = 0.5 * (h[(a, b)] + h[(b, a)]);
                (h[(a, b)], h[(b, a)]) = (mean, mean);
            }
        }
        let own = &normal.own_target[position];
        let g = (0..n)
            .map(|a| {
                normal.cross[(a, position)] - (0..own.len()).map(|m| through[(a, m)] * own[m]).sum::<f64>()
            })
            .collect();
        Ok(Self { h, g, inverse })
    }

    fn minimise(&self, places: &[usize], bounds: &[Bound], price: f64) -> Result<Minimum, Error> {
        let h = Mat::from_fn(places.len(), places.len(), |a, b| self.h[(places[a], places[b])]);
        let g: Vec<f64> = places.iter().map(|&place| self.g[place]).collect();
        minimise(&h, &g, bounds, price)
    }

    /// phi of given weights: S^-1 (B'y - B'P w).
    fn coefficients(&self, normal: &Normal<'_>, position: usize, weights: &[f64]) -> Vec<f64> {
        let local = normal.local.of(position);
        let functions = local.ncols();
        let left: Vec<f64> = (0..functions)
            .map(|m| {
                let through: f64 = weights.iter().enumerate().map(|(a, w)| local[(a, m)] * w).sum();
                normal.own_target[position][m] - through
            })
            .collect();
        (0..functions).map(|a| (0..functions).map(|b| self.inverse[(a, b)] * left[b]).sum()).collect()
    }
}
