//! Latent spaces: products of circles and segments, with their distances.

use serde::{Deserialize, Serialize};

/// One latent variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LatentAxis {
    /// A circle of circumference 1.
    Circle,
    /// The unit interval.
    Segment,
}

/// The space that the latent variables of one group span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LatentSpace {
    /// One angle.
    #[default]
    Ring,
    /// One position.
    Interval,
    /// Two positions.
    Square,
    /// An angle and a position.
    Cylinder,
    /// Two angles.
    Torus,
}

impl LatentAxis {
    /// Distance of two values along this axis.
    pub fn distance(self, one: f64, other: f64) -> f64 {
        let apart = (one - other).abs();
        match self {
            Self::Circle => {
                let wrapped = apart.rem_euclid(1.0);
                wrapped.min(1.0 - wrapped)
            }
            Self::Segment => apart,
        }
    }

    /// Where an unbounded walk `v` stands on this axis: wrapped on a circle, reflected on a segment.
    pub(super) fn folded(self, walk: f64) -> f64 {
        match self {
            Self::Circle => walk.rem_euclid(1.0),
            Self::Segment => ((2.0 * walk).rem_euclid(2.0) - 1.0).abs(),
        }
    }
}

impl LatentSpace {
    /// Every space.
    pub const ALL: [Self; 5] = [Self::Ring, Self::Interval, Self::Square, Self::Cylinder, Self::Torus];

    /// Its axes.
    pub fn axes(self) -> &'static [LatentAxis] {
        use LatentAxis::{Circle, Segment};
        match self {
            Self::Ring => &[Circle],
            Self::Interval => &[Segment],
            Self::Square => &[Segment, Segment],
            Self::Cylinder => &[Circle, Segment],
            Self::Torus => &[Circle, Circle],
        }
    }

    /// Number of latent variables.
    pub fn n_axes(self) -> usize {
        self.axes().len()
    }

    /// Its name in files and flags.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ring => "ring",
            Self::Interval => "interval",
            Self::Square => "square",
            Self::Cylinder => "cylinder",
            Self::Torus => "torus",
        }
    }

    /// Length of the shortest path between two points: the root of the summed squares of the axes' distances.
    ///
    /// # Examples
    /// ```
    /// use neuroloom_sim::LatentSpace;
    /// assert!((LatentSpace::Ring.distance(&[0.1], &[0.9]) - 0.2).abs() < 1e-12);
    /// assert!((LatentSpace::Square.distance(&[0.0, 0.0], &[0.6, 0.8]) - 1.0).abs() < 1e-12);
    /// ```
    pub fn distance(self, one: &[f64], other: &[f64]) -> f64 {
        let axes = self.axes().iter().zip(one.iter().zip(other));
        axes.map(|(axis, (&one, &other))| axis.distance(one, other).powi(2)).sum::<f64>().sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn distances_are_symmetric_and_obey_the_triangle(
            a in prop::collection::vec(0.0..1.0, 2), b in prop::collection::vec(0.0..1.0, 2),
            c in prop::collection::vec(0.0..1.0, 2), which in 0..5_usize,
        ) {
            let space = LatentSpace::ALL[which];
            let distance = |x: &[f64], y: &[f64]| space.distance(x, y);
            prop_assert!((distance(&a, &b) - distance(&b, &a)).abs() < 1e-12);
            prop_assert!(distance(&a, &c) <= distance(&a, &b) + distance(&b, &c) + 1e-12);
        }

        #[test]
        fn a_folded_walk_stays_inside_and_moves_no_faster(walk in -5.0..5.0, step in -0.1..0.1) {
            for axis in [LatentAxis::Circle, LatentAxis::Segment] {
                let (before, after) = (axis.folded(walk), axis.folded(walk + step));
                prop_assert!((0.0..=1.0).contains(&before));
                // A triangle wave of period 1 and height 1 runs at twice the speed of its walk.
                let speed = if axis == LatentAxis::Circle { 1.0 } else { 2.0 };
                let most: f64 = speed * f64::abs(step);
                prop_assert!(axis.distance(before, after) <= most + 1e-9);
            }
        }
    }
}
