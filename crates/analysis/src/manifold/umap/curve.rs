//! How closeness falls with distance in the embedding.

/// `1 / (1 + a d^(2b))`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Curve {
    pub(super) a: f64,
    pub(super) b: f64,
}

impl Curve {
    /// The least-squares fit to 1 up to `min_dist` and `exp(-(d - min_dist) / spread)` beyond, at 300 distances up to three
    /// times the spread (as umap-learn), by Levenberg and Marquardt.
    pub(super) fn fit(min_dist: f64, spread: f64) -> Self {
        let samples: Vec<(f64, f64)> = (0..300)
            .map(|step| 3.0 * spread * f64::from(step) / 299.0)
            .map(|d| (d, if d < min_dist { 1.0 } else { (-(d - min_dist) / spread).exp() }))
            .collect();
        let mut curve = Self { a: 1.0, b: 1.0 };
        let mut damping = 1e-3;
        let mut error = curve.error(&samples);
        for _ in 0..200 {
            let next = curve.damped_step(&samples, damping);
            let next_error = next.error(&samples);
            if next_error < error {
                (curve, error, damping) = (next, next_error, damping / 3.0);
            } else {
                damping *= 4.0;
            }
        }
        curve
    }

    fn at(&self, d: f64) -> f64 {
        1.0 / (1.0 + self.a * d.powf(2.0 * self.b))
    }

    fn error(&self, samples: &[(f64, f64)]) -> f64 {
        if self.a <= 0.0 || self.b <= 0.0 {
            return f64::INFINITY;
        }
        samples.iter().map(|&(d, target)| (self.at(d) - target).powi(2)).sum()
    }

    fn damped_step(&self, samples: &[(f64, f64)], damping: f64) -> Self {
        let (mut normal, mut right) = ([0.0; 3], [0.0; 2]);
        for &(d, target) in samples.iter().filter(|sample| sample.0 > 0.0) {
            let (power, value) = (d.powf(2.0 * self.b), self.at(d));
            let slopes = [-power * value * value, -2.0 * self.a * power * d.ln() * value * value];
            let rest = target - value;
            normal = [
                normal[0] + slopes[0] * slopes[0],
                normal[1] + slopes[0] * slopes[1],
                normal[2] + slopes[1] * slopes[1],
            ];
            right = [right[0] + slopes[0] * rest, right[1] + slopes[1] * rest];
        }
        let (aa, ab, bb) = (normal[0] * (1.0 + damping), normal[1], normal[2] * (1.0 + damping));
        let determinant = aa * bb - ab * ab;
        Self {
            a: self.a + (bb * right[0] - ab * right[1]) / determinant,
            b: self.b + (aa * right[1] - ab * right[0]) / determinant,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_umap_learn_come_out() {
        // find_ab_params of umap-learn 0.5.12
        for (min_dist, spread, a, b) in
            [(0.1, 1.0, 1.576_943_5, 0.895_060_9), (0.5, 1.0, 0.583_030_0, 1.334_166_7)]
        {
            let curve = Curve::fit(min_dist, spread);
            assert!((curve.a - a).abs() < 1e-4 && (curve.b - b).abs() < 1e-4, "{curve:?}");
        }
    }
}
