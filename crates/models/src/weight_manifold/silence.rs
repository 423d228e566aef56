//! At which price is no network at all the best network?
//!
//! A linear autoencoder with all weights zero loses 1/2 tr C. With L2 the closed form says when nothing is better: from
//! lam = c_1 on (with a price on activity, from lam_H lam_B = c_1 on).
//!
//! With l1 alone a unit t b a' with |a|_1 = |b|_1 = 1 pays least when both sides have size sqrt t, 2 l1 sqrt t, and
//! lowers the rest of the loss by t p - t² q / 2, with p = b'Ca and q = |b|² a'Ca. Some t > 0 pays for itself if and only
//! if l1 < sqrt(2/27) p^(3/2) / q^(1/2), at t = 2p / 3q. Hence two bounds:
//!
//! - a unit that reads one neuron i and sends b = the part of column i of C above a threshold (the best b is of that form)
//!   pays for itself below [`SilencingPrice::some_pay_below`];
//! - any network Z = BA has p = tr ZC <= max_i C_ii (sum sqrt t)² and p² <= q tr C (Cauchy and Schwarz), so nothing pays
//!   from [`SilencingPrice::none_pays_from`] = sqrt(2/27 tr C max_i C_ii) on.
//!
//! Derived in this project.

use serde::{Deserialize, Serialize};

use super::config::{AutoencoderConfig, Constraint, Penalty};
use super::moments::Moments;
use crate::Error;

/// The price from which on no network at all is best, between two bounds, in the unit of the price that is paid: of L2
/// sqrt(lam_A lam_B), with activity sqrt(lam_H lam_B), or l1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SilencingPrice {
    /// What is paid.
    pub paid: f64,
    /// Below this price some network is better than none.
    pub some_pay_below: f64,
    /// From this price on none is. Where it equals the other one, the price is known exactly.
    pub none_pays_from: f64,
}

impl SilencingPrice {
    /// For linear networks that pay one kind of price, of any sign or (l1) none below zero; `None` for all others.
    ///
    /// # Errors
    /// What [`Moments::spectrum`] says.
    ///
    /// # Examples
    /// ```
    /// use ndarray::array;
    /// use neuroloom_models::weight_manifold::{AutoencoderConfig, Centring, Moments, SilencingPrice};
    /// // One neuron, C = 1: 1/2 (1 - t)² + 2 l1 sqrt t is never below 1/2 from l1 = sqrt(2/27) on.
    /// let moments = Moments::of(array![[1.0], [-1.0]].view(), Centring::Raw)?;
    /// let config = AutoencoderConfig { l2: 0.0, l1: 0.1, ..AutoencoderConfig::default() };
    /// let found = SilencingPrice::of(&moments, &config)?.ok_or("linear, with l1 alone")?;
    /// assert!((found.some_pay_below - (2.0_f64 / 27.0).sqrt()).abs() < 1e-12);
    /// assert!((found.none_pays_from - (2.0_f64 / 27.0).sqrt()).abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of(moments: &Moments, config: &AutoencoderConfig) -> Result<Option<Self>, Error> {
        let largest = moments.spectrum()?.values.first().copied().unwrap_or(0.0);
        let penalty = config.penalty(largest);
        let Penalty { l2_input, l2_output, l1, activity } = penalty;
        let is_free = config.constraint == Constraint::Free;
        if !config.is_linear() || !(is_free || config.constraint == Constraint::NonNegative) {
            return Ok(None);
        }
        let exactly =
            |paid: f64, price: f64| Some(Self { paid, some_pay_below: price, none_pays_from: price });
        Ok(match (l2_input > 0.0, l2_output > 0.0, l1 > 0.0, activity > 0.0) {
            (true, true, false, false) if is_free => exactly((l2_input * l2_output).sqrt(), largest),
            (false, true, false, true) if is_free => exactly((activity * l2_output).sqrt(), largest.sqrt()),
            (false, false, true, false) => Some(Self::of_sizes(moments, l1, config.constraint)),
            _ => None,
        })
    }

    fn of_sizes(moments: &Moments, paid: f64, constraint: Constraint) -> Self {
        let second = &moments.second;
        let reads_one = |neuron: usize| {
            let variance = second[[neuron, neuron]];
            let worth =
                |value: &f64| if constraint == Constraint::Free { value.abs() } else { value.max(0.0) };
            let sent: Vec<f64> = second.column(neuron).iter().map(worth).collect();
            if variance > 0.0 { best_cube(sent) / variance } else { 0.0 }
        };
        let unit = (0..second.nrows()).map(reads_one).fold(0.0, f64::max);
        let (total, most) = (second.diag().sum(), second.diag().iter().copied().fold(0.0, f64::max));
        let bound = |cube: f64| (2.0 / 27.0 * cube).sqrt();
        Self { paid, some_pay_below: bound(unit), none_pays_from: bound(total * most) }
    }
}

/// The largest (b'v)³ / |b|² over |b|_1 = 1.
///
/// At the best b, b_i = max(v_i - h, 0) up to a factor, with h = b'v / 3|b|_1. With the k largest above h and their sums
/// S1 and S2 of first and second powers that is 3 k h² - 4 S1 h + S2 = 0.
fn best_cube(mut v: Vec<f64>) -> f64 {
    v.sort_unstable_by(|one, other| other.total_cmp(one));
    let (mut first, mut second, mut best) = (0.0, 0.0, 0.0_f64);
    for (place, &value) in v.iter().enumerate() {
        let k = (place + 1) as f64;
        first += value;
        second += value * value;
        let inside = 4.0 * first * first - 3.0 * k * second;
        if inside < 0.0 {
            continue;
        }
        for root in [-inside.sqrt(), inside.sqrt()] {
            let threshold = (2.0 * first + root) / (3.0 * k);
            // At the value itself nothing is left of b.
            if threshold < value * (1.0 - 1e-9) {
                let (along, square) = (
                    second - threshold * first,
                    second - 2.0 * threshold * first + k * threshold * threshold,
                );
                // Any b is allowed, so a threshold that cuts elsewhere is merely not the best.
                best = best.max(along.powi(3) / (square * (first - k * threshold)));
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weight_manifold::moments::Centring;
    use ndarray::{Array1, Array2};
    use neuroloom_core::Seed;
    use rand::RngExt;

    fn moments(seed: u64) -> Moments {
        let mut rng = Seed(seed).rng();
        let mixing = Array2::from_shape_simple_fn((5, 8), || rng.random::<f64>());
        let hidden = Array2::from_shape_simple_fn((200, 5), || rng.random::<f64>() - 0.4);
        Moments::of(hidden.dot(&mixing).view(), Centring::Raw).unwrap()
    }

    fn sizes(values: &Array1<f64>) -> f64 {
        values.iter().map(|value| value.abs()).sum()
    }

    /// The price at which a unit from a to b ceases to pay, by trying strengths t: (t p - t² q / 2) / (2 sqrt t).
    fn tried(moments: &Moments, a: &Array1<f64>, b: &Array1<f64>) -> f64 {
        let (a, b) = (a / sizes(a), b / sizes(b));
        let read = moments.second.dot(&a);
        let (p, q) = (b.dot(&read), b.dot(&b) * a.dot(&read));
        let strength = |step: i32| 1.01_f64.powi(step);
        (-2000..2000).map(strength).map(|t| (t * p - 0.5 * t * t * q) / (2.0 * t.sqrt())).fold(0.0, f64::max)
    }

    #[test]
    fn no_unit_pays_above_and_the_best_reader_of_one_neuron_pays_below() {
        let mut rng = Seed(9).rng();
        for seed in 0..3 {
            let moments = moments(seed);
            let found = SilencingPrice::of_sizes(&moments, 1.0, Constraint::Free);
            let (mut of_one, mut of_any) = (0.0_f64, 0.0_f64);
            for _ in 0..400 {
                let mut draw = || Array1::from_shape_simple_fn(8, || rng.random::<f64>().powi(3) - 0.02);
                let (a, b) = (draw(), draw());
                of_any = of_any.max(tried(&moments, &a, &b));
                for neuron in 0..8 {
                    let mut one = Array1::zeros(8);
                    one[neuron] = 1.0;
                    of_one = of_one.max(tried(&moments, &one, &b));
                }
            }
            assert!(of_any < found.none_pays_from, "{of_any} {found:?}");
            // Random search stays below the closed form and comes near it.
            assert!(of_one <= found.some_pay_below * (1.0 + 1e-9), "{of_one} {found:?}");
            assert!(of_one > 0.9 * found.some_pay_below, "{of_one} {found:?}");
            assert!(found.some_pay_below < found.none_pays_from);
        }
    }

    #[test]
    fn with_l2_the_price_is_the_largest_eigenvalue() {
        let moments = moments(1);
        let largest = moments.spectrum().unwrap().values[0];
        let config = AutoencoderConfig { l2: 4.0, l2_output: Some(1.0), ..AutoencoderConfig::default() };
        let found = SilencingPrice::of(&moments, &config).unwrap().unwrap();
        assert_eq!((found.paid, found.some_pay_below, found.none_pays_from), (2.0, largest, largest));
        let both = AutoencoderConfig { l1: 1.0, ..config };
        assert_eq!(SilencingPrice::of(&moments, &both).unwrap(), None);
    }
}
