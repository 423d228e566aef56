//! How residuals and penalties are measured, each with its slope.

use super::config::LossForm;
use super::edges::Edges;

/// Steepness of the tanh in the penalty on mixed signs (Allier et al. 2026, their code).
const DALE_SLOPE: f32 = 5.0;

/// A measured array: the loss, and d loss / d value.
pub(super) struct Measured {
    pub(super) loss: f64,
    pub(super) slope: Vec<f32>,
}

/// c sum_f |v_f| or c sum_f |v_f|^2 over rows v_f of length `width`.
pub(super) fn rows(form: LossForm, coefficient: f64, values: &[f32], width: usize) -> Measured {
    let mut measured = Measured { loss: 0.0, slope: Vec::with_capacity(values.len()) };
    for row in values.chunks_exact(width) {
        let (loss, factor) = one_row(form, coefficient, row);
        measured.loss += loss;
        measured.slope.extend(row.iter().map(|&value| (factor * f64::from(value)) as f32));
    }
    measured
}

/// c |v| or c |v|^2, and what v is to be multiplied with to be its slope.
pub(super) fn one_row(form: LossForm, coefficient: f64, row: &[f32]) -> (f64, f64) {
    let square: f64 = row.iter().map(|&value| f64::from(value).powi(2)).sum();
    match form {
        LossForm::Norm => (coefficient * square.sqrt(), coefficient / square.sqrt().max(f64::MIN_POSITIVE)),
        LossForm::Squares => (coefficient * square, 2.0 * coefficient),
    }
}

/// |W|_1.
pub(super) fn absolute_sum(weights: &[f32]) -> f64 {
    weights.iter().map(|weight| f64::from(weight.abs())).sum()
}

/// Adds the slope of zeta |W|_1, 0 at 0.
pub(super) fn add_signs(zeta: f64, weights: &[f32], gradient: &mut [f32]) {
    let slope = zeta as f32;
    let pairs = weights.iter().zip(gradient).filter(|(weight, _)| **weight != 0.0);
    pairs.for_each(|(weight, gradient)| *gradient += slope * weight.signum());
}

/// c sum_j std_i(tanh(5 W_ij)) over the stored weights of each sender: adds its slope to the gradient.
pub(super) fn mixed_signs(coefficient: f64, edges: &Edges, weights: &[f32], gradient: &mut [f32]) -> f64 {
    let mut sums = vec![(0.0_f64, 0.0_f64, 0.0_f64); edges.n];
    let bent = |weight: f32| f64::from((DALE_SLOPE * weight).tanh());
    edges.for_each(|place, post, pre| {
        if post != pre {
            let value = bent(weights[place]);
            let (count, sum, square) = sums[pre];
            sums[pre] = (count + 1.0, sum + value, square + value * value);
        }
    });
    let spread = |(count, sum, square): (f64, f64, f64)| {
        let mean = sum / count.max(1.0);
        (mean, (square / count.max(1.0) - mean * mean).max(0.0).sqrt())
    };
    edges.for_each(|place, post, pre| {
        let (mean, std) = spread(sums[pre]);
        if post != pre && std > 1e-12 {
            let value = bent(weights[place]);
            let inner = f64::from(DALE_SLOPE) * (1.0 - value * value);
            gradient[place] += (coefficient * (value - mean) / (sums[pre].0 * std) * inner) as f32;
        }
    });
    coefficient * sums.iter().map(|&one| spread(one).1).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn norms_and_squares_by_hand() {
        let values = [3.0, 4.0, 0.0, 0.0];
        let norm = rows(LossForm::Norm, 2.0, &values, 2);
        assert_eq!((norm.loss, &norm.slope[..]), (10.0, &[1.2, 1.6, 0.0, 0.0][..]));
        let squares = rows(LossForm::Squares, 2.0, &values, 2);
        assert_eq!((squares.loss, &squares.slope[..]), (50.0, &[12.0, 16.0, 0.0, 0.0][..]));
    }
}
