//! The best size of each hidden unit, in closed form.
//!
//! A linear or ReLU unit whose inputs (weights and bias) are scaled by s > 0 and outputs by 1/s computes the same. What
//! it pays,
//!
//! s²/2 (lam_A |a|² + lam_H E h²) + s l1 |a|_1 + lam_B/2 |b|² / s² + l1 |b|_1 / s,
//!
//! is convex in log s, so its least value is found to rounding: one step of coordinate descent on the loss along a
//! direction that the data do not see (the path-norm argument of Neyshabur, Tomioka and Srebro 2015). There the two sides
//! of the balance are equal. With l1 alone s² = |b|_1 / |a|_1, with L2 alone s⁴ = lam_B |b|² / (lam_A |a|²).

use ndarray::{Array1, ArrayView1};

use super::Problem;
use crate::weight_manifold::config::{Constraint, HiddenActivation};
use crate::weight_manifold::model::{Autoencoder, mean_squares};

/// Steps of Newton's method; it doubles the digits each time.
const STEPS: usize = 60;

/// Gives every hidden unit the size at which it pays least; outputs are unchanged.
///
/// A unit with nothing on one side does nothing but pay: both of its sides become zero, and what it gave as a constant goes
/// to the output bias.
pub(super) fn rescale(model: &mut Autoencoder, problem: &Problem<'_>) {
    let is_homogeneous = model.activation != HiddenActivation::Tanh;
    if !is_homogeneous || problem.config.constraint == Constraint::Tied || !problem.is_priced_on_both_sides()
    {
        return;
    }
    let activity: Array1<f64> = if problem.penalty.activity > 0.0 {
        mean_squares(model.encode(problem.inputs).view())
    } else {
        Array1::zeros(model.n_hidden())
    };
    for unit in 0..model.n_hidden() {
        let sides = Sides::of(model, unit, activity[unit], problem);
        if sides.in_square + sides.in_size == 0.0 || sides.out_square + sides.out_size == 0.0 {
            silence(model, unit);
        } else {
            let scale = sides.best_scale();
            model.input_weights.row_mut(unit).mapv_inplace(|weight| weight * scale);
            model.hidden_bias[unit] *= scale;
            model.output_weights.column_mut(unit).mapv_inplace(|weight| weight / scale);
        }
    }
}

/// The four numbers that decide.
struct Sides {
    in_square: f64,
    in_size: f64,
    out_square: f64,
    out_size: f64,
}

impl Sides {
    fn of(model: &Autoencoder, unit: usize, activity: f64, problem: &Problem<'_>) -> Self {
        let penalty = &problem.penalty;
        let square = |weights: ArrayView1<'_, f64>| weights.dot(&weights);
        let size = |weights: ArrayView1<'_, f64>| weights.iter().map(|weight| weight.abs()).sum::<f64>();
        let (a, b) = (model.input_weights.row(unit), model.output_weights.column(unit));
        Self {
            in_square: penalty.l2_input * square(a) + penalty.activity * activity,
            in_size: penalty.l1 * size(a),
            out_square: penalty.l2_output * square(b),
            out_size: penalty.l1 * size(b),
        }
    }

    /// Newton's method on the slope in log s, which rises all the way.
    fn best_scale(&self) -> f64 {
        let mut log = 0.0_f64;
        for _ in 0..STEPS {
            let s = log.exp();
            let (up, up_size) = (self.in_square * s * s, self.in_size * s);
            let (down, down_size) = (self.out_square / (s * s), self.out_size / s);
            let slope = up + up_size - down - down_size;
            let bend = 2.0 * (up + down) + up_size + down_size;
            // At most a factor of e at a time: far away the curve is an exponential.
            let step = (slope / bend).clamp(-1.0, 1.0);
            log -= step;
            if step.abs() < 1e-15 {
                break;
            }
        }
        if log.is_finite() { log.exp() } else { 1.0 }
    }
}

fn silence(model: &mut Autoencoder, unit: usize) {
    let constant = match model.activation {
        HiddenActivation::Relu => model.hidden_bias[unit].max(0.0),
        _ => model.hidden_bias[unit],
    };
    let is_constant = model.input_weights.row(unit).iter().all(|weight| *weight == 0.0);
    if is_constant && constant != 0.0 {
        let given = &model.output_weights.column(unit) * constant;
        model.output_bias += &given;
    }
    model.input_weights.row_mut(unit).fill(0.0);
    model.output_weights.column_mut(unit).fill(0.0);
    model.hidden_bias[unit] = 0.0;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_other_size_pays_less() {
        // s² = |b|_1 / |a|_1 = 9 / 4; s⁴ = 16 / 1
        let of =
            |in_square, in_size, out_square, out_size| Sides { in_square, in_size, out_square, out_size };
        assert!((of(0.0, 4.0, 0.0, 9.0).best_scale() - 1.5).abs() < 1e-12);
        assert!((of(1.0, 0.0, 16.0, 0.0).best_scale() - 2.0).abs() < 1e-12);
        for sides in [of(1e-3, 2.0, 5.0, 1e-4), of(1e-12, 1e-9, 3.0, 1.0), of(2.0, 0.5, 0.0, 1e-9)] {
            let pays = |s: f64| {
                0.5 * sides.in_square * s * s
                    + sides.in_size * s
                    + 0.5 * sides.out_square / (s * s)
                    + sides.out_size / s
            };
            let best = sides.best_scale();
            for other in [0.5, 0.9, 0.999, 1.001, 1.1, 2.0] {
                assert!(pays(best) < pays(best * other), "{best} {other}");
            }
        }
    }
}
