//! Quasi-Newton descent of a smooth loss where weights pay for their size and keep their signs.
//!
//! Limited-memory BFGS within an orthant (OWL-QN, Andrew and Gao 2007, ICML): in the orthant that the steepest way down
//! points to, an l1 price is linear, and a weight that would cross zero stops there. The curvature is that of the
//! weights that may move alone (two-metric projection, Bertsekas 1982; Schmidt, Kim and Sra 2011), so that the many
//! weights at zero do not bend the steps of the others.

use std::collections::VecDeque;

use super::stationarity::{Terms, dot, least_subgradient};

/// Steps remembered.
const MEMORY: usize = 30;
/// Halvings of a step before it is given up.
const HALVINGS: usize = 30;
/// Share of the promised descent that a step must keep.
const SUFFICIENT: f64 = 1e-4;

/// The loss without the price of sizes, and its gradient.
pub(super) type Smooth<'a> = dyn Fn(&[f64]) -> (f64, Vec<f64>) + 'a;

/// A place with all that is known of it.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The weights, biases among them, in one row.
    pub(super) at: Vec<f64>,
    /// Loss with the price of sizes.
    pub(super) loss: f64,
    /// Gradient of the loss without that price.
    pub(super) gradient: Vec<f64>,
}

/// A step and the change of the gradient along it.
struct Pairing {
    step: Vec<f64>,
    change: Vec<f64>,
}

/// The descent: one call a step.
pub(super) struct QuasiNewton<'a> {
    smooth: &'a Smooth<'a>,
    terms: &'a Terms,
    memory: VecDeque<Pairing>,
    pub(super) place: Place,
}

impl<'a> QuasiNewton<'a> {
    pub(super) fn new(smooth: &'a Smooth<'a>, terms: &'a Terms, start: Vec<f64>) -> Self {
        let (loss, gradient) = smooth(&start);
        let place = Place { loss: loss + terms.size_price(&start), gradient, at: start };
        Self { smooth, terms, memory: VecDeque::new(), place }
    }

    /// One step down; `false` where none is found, which is as low as rounding and kinks let one see.
    pub(super) fn step(&mut self) -> bool {
        let slopes = least_subgradient(&self.place.at, &self.place.gradient, self.terms);
        let mut direction = self.direction(&slopes);
        if dot(&slopes, &direction) >= 0.0 {
            self.memory.clear();
            direction = self.steepest(&slopes);
        }
        if self.try_along(&slopes, &direction) {
            return true;
        }
        // What is remembered may be of another side of a kink.
        let had_memory = !self.memory.is_empty();
        self.memory.clear();
        let steepest = self.steepest(&slopes);
        had_memory && self.try_along(&slopes, &steepest)
    }

    /// The two-loop recursion over the weights that may move.
    fn direction(&self, slopes: &[f64]) -> Vec<f64> {
        let at = &self.place.at;
        let moving: Vec<usize> =
            (0..at.len()).filter(|&place| at[place] != 0.0 || slopes[place] != 0.0).collect();
        let of_moving = |values: &[f64]| -> Vec<f64> { moving.iter().map(|&place| values[place]).collect() };
        let pairs = self.memory.iter().map(|pair| (of_moving(&pair.step), of_moving(&pair.change)));
        let pairs: Vec<_> = pairs
            .map(|(step, change)| (dot(&step, &change), step, change))
            .filter(|pair| pair.0 > 0.0)
            .collect();
        let softness = of_moving(&self.terms.softness);
        let mut direction = of_moving(slopes);
        let mut along = Vec::with_capacity(pairs.len());
        for (curvature, step, change) in pairs.iter().rev() {
            let share = dot(step, &direction) / curvature;
            add(&mut direction, -share, change);
            along.push(share);
        }
        let scale = pairs
            .last()
            .map_or(1.0, |(curvature, _, change)| curvature / dot(change, &scaled(change, &softness)));
        direction = scaled(&direction, &softness);
        direction.iter_mut().for_each(|value| *value *= scale);
        for ((curvature, step, change), share) in pairs.iter().zip(along.iter().rev()) {
            let back = dot(change, &direction) / curvature;
            add(&mut direction, share - back, step);
        }
        let mut down = vec![0.0; at.len()];
        for (&place, value) in moving.iter().zip(direction) {
            // A weight at zero may only leave it downhill.
            if at[place] != 0.0 || value * slopes[place] > 0.0 {
                down[place] = -value;
            }
        }
        down
    }

    /// Straight down, soft directions first.
    fn steepest(&self, slopes: &[f64]) -> Vec<f64> {
        scaled(slopes, &self.terms.softness).into_iter().map(|slope| -slope).collect()
    }

    fn try_along(&mut self, slopes: &[f64], direction: &[f64]) -> bool {
        let orthant = self.terms.orthant(&self.place.at, slopes);
        // Without a memory the direction has no length of its own.
        let mut size =
            if self.memory.is_empty() { 1e-2 / dot(direction, direction).sqrt().max(1e-300) } else { 1.0 };
        for _ in 0..HALVINGS {
            let moved = |((at, step), side): ((&f64, &f64), &f64)| {
                let landed = at + size * step;
                if landed * side < 0.0 { 0.0 } else { landed }
            };
            let at: Vec<f64> = self.place.at.iter().zip(direction).zip(&orthant).map(moved).collect();
            let step: Vec<f64> = at.iter().zip(&self.place.at).map(|(new, old)| new - old).collect();
            let promised = dot(slopes, &step);
            if promised >= 0.0 {
                return false;
            }
            let (smooth, gradient) = (self.smooth)(&at);
            let loss = smooth + self.terms.size_price(&at);
            if loss <= self.place.loss + SUFFICIENT * promised {
                self.remember(step, &gradient);
                self.place = Place { at, loss, gradient };
                return true;
            }
            size *= 0.5;
        }
        false
    }

    fn remember(&mut self, step: Vec<f64>, gradient: &[f64]) {
        let change: Vec<f64> =
            gradient.iter().zip(&self.place.gradient).map(|(new, old)| new - old).collect();
        if dot(&step, &change) > 1e-10 * (dot(&step, &step) * dot(&change, &change)).sqrt() {
            self.memory.push_back(Pairing { step, change });
            if self.memory.len() > MEMORY {
                self.memory.pop_front();
            }
        }
    }
}

fn scaled(values: &[f64], by: &[f64]) -> Vec<f64> {
    values.iter().zip(by).map(|(value, by)| value * by).collect()
}

fn add(to: &mut [f64], scale: f64, step: &[f64]) {
    to.iter_mut().zip(step).for_each(|(value, step)| *value += scale * step);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1/2 w'Hw - c'w with H = diag + all ones.
    fn quadratic(at: &[f64]) -> (f64, Vec<f64>) {
        let sum: f64 = at.iter().sum();
        let slope = |(place, w): (usize, &f64)| (1.0 + 10.0 * place as f64) * w + sum - pull(place);
        let gradient: Vec<f64> = at.iter().enumerate().map(slope).collect();
        let pulled: f64 = at.iter().enumerate().map(|(place, w)| pull(place) * w).sum();
        (0.5 * (dot(&gradient, at) - pulled), gradient)
    }

    fn pull(place: usize) -> f64 {
        [5.0, -3.0, 0.5, 20.0, -40.0, 0.0][place]
    }

    #[test]
    fn it_ends_where_the_subgradient_is_zero() {
        for (price, sign) in [(0.0, 0.0), (2.0, 0.0), (2.0, 1.0), (0.0, 1.0), (0.0, -1.0), (100.0, 0.0)] {
            let terms = Terms {
                price: vec![price; 6],
                sign: vec![sign; 6],
                square_price: vec![0.0; 6],
                softness: vec![1.0, 0.1, 0.05, 0.03, 0.02, 0.02],
            };
            let start: Vec<f64> = (0..6).map(|_| if sign == 0.0 { 1.0 } else { sign }).collect();
            let mut descent = QuasiNewton::new(&quadratic, &terms, start);
            let mut last = descent.place.loss;
            for _ in 0..200 {
                if !descent.step() {
                    break;
                }
                assert!(descent.place.loss <= last);
                last = descent.place.loss;
            }
            let Place { at, gradient, .. } = &descent.place;
            let left = least_subgradient(at, gradient, &terms);
            assert!(dot(&left, &left).sqrt() < 1e-6, "{price} {sign}: {at:?} {left:?}");
            assert!(at.iter().all(|w| w * sign >= 0.0), "{price} {sign}: {at:?}");
            assert_eq!(at.iter().all(|w| *w == 0.0), price == 100.0, "{price} {sign}: {at:?}");
        }
    }
}
