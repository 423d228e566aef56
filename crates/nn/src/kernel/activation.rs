//! Activation functions, a vector at a time.

use pulp::Simd;
use serde::{Deserialize, Serialize};

/// What a hidden layer does to its sums.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Activation {
    /// h = z.
    Identity,
    /// h = max(z, 0); the slope at 0 is 0, as in PyTorch.
    Relu,
    /// h = tanh(z), a rational function with a relative error below 4e-7.
    Tanh,
    /// h = z (1 + tanh(sqrt(2 / pi) (z + 0.044715 z^3))) / 2, the smooth form of GELU (Hendrycks and Gimpel 2016).
    Gelu,
    /// h = sin(omega z), as in SIREN (Sitzmann et al. 2020); absolute error below 1e-6 for |omega z| < 1e4.
    Sine {
        /// The frequency omega_0.
        omega: f32,
    },
}

impl Activation {
    /// Whether the slope cannot be told from the value.
    pub(super) fn needs_slopes(self) -> bool {
        matches!(self, Self::Sine { .. } | Self::Gelu)
    }

    /// Replaces sums by activations; fills `slopes` where [`needs_slopes`](Self::needs_slopes).
    #[inline(always)]
    pub(super) fn apply<S: Simd>(self, simd: S, values: &mut [S::f32s], slopes: &mut [S::f32s]) {
        match self {
            Self::Identity => {}
            Self::Relu => {
                let zero = simd.splat_f32s(0.0);
                for value in values {
                    // The sum comes second: x86 then hands a NaN on.
                    *value = simd.max_f32s(zero, *value);
                }
            }
            Self::Tanh => {
                for value in values {
                    *value = tanh(simd, *value);
                }
            }
            Self::Gelu => {
                for (index, value) in values.iter_mut().enumerate() {
                    let (result, its_slope) = gelu(simd, *value);
                    *value = result;
                    if let Some(slope) = slopes.get_mut(index) {
                        *slope = its_slope;
                    }
                }
            }
            Self::Sine { omega } => {
                for (index, value) in values.iter_mut().enumerate() {
                    let (sine, cosine) = sin_cos(simd, simd.mul_f32s(simd.splat_f32s(omega), *value));
                    *value = sine;
                    // A forward pass has no room for slopes and needs none.
                    if let Some(slope) = slopes.get_mut(index) {
                        *slope = simd.mul_f32s(simd.splat_f32s(omega), cosine);
                    }
                }
            }
        }
    }

    /// Multiplies gradients by the slope, from the activations (or from what [`apply`](Self::apply) stored).
    #[inline(always)]
    pub(super) fn scale_by_slope<S: Simd>(
        self,
        simd: S,
        gradients: &mut [S::f32s],
        values: &[S::f32s],
        slopes: &[S::f32s],
    ) {
        let zero = simd.splat_f32s(0.0);
        match self {
            Self::Identity => {}
            Self::Relu => {
                for (gradient, value) in gradients.iter_mut().zip(values) {
                    let active = simd.greater_than_f32s(*value, zero);
                    *gradient = simd.select_f32s(active, *gradient, zero);
                }
            }
            Self::Tanh => {
                for (gradient, value) in gradients.iter_mut().zip(values) {
                    let square = simd.mul_f32s(*value, *value);
                    *gradient = simd.mul_f32s(*gradient, simd.sub_f32s(simd.splat_f32s(1.0), square));
                }
            }
            Self::Sine { .. } | Self::Gelu => {
                for (gradient, slope) in gradients.iter_mut().zip(slopes) {
                    *gradient = simd.mul_f32s(*gradient, *slope);
                }
            }
        }
    }
}

// Coefficients from reference/nn_functions.py: minimax fits in f64, rounded to f32.
const TANH_LIMIT: f32 = 9.02;
const TANH_ABOVE: [f32; 5] = [1.0, 0.133_797_18, 0.003_494_034_5, 2.058_347_9e-5, 1.331_906_8e-8];
const TANH_BELOW: [f32; 5] = [1.0, 0.467_130_33, 0.025_871_072, 3.283_092_5e-4, 7.762_018e-7];
const SINE: [f32; 6] = [1.0, -0.166_666_67, 0.008_333_331, -1.984_086_3e-4, 2.752_530_7e-6, -2.388_982_2e-8];
const COSINE: [f32; 6] = [1.0, -0.5, 0.041_666_638, -0.001_388_836_2, 2.476_016_6e-5, -2.605_155e-7];

/// tanh(x) = x A(x^2) / B(x^2), held at +-1 beyond 9.02.
#[inline(always)]
fn tanh<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let x = simd.min_f32s(simd.splat_f32s(TANH_LIMIT), x);
    let x = simd.max_f32s(simd.splat_f32s(-TANH_LIMIT), x);
    let square = simd.mul_f32s(x, x);
    let above = simd.mul_f32s(x, polynomial(simd, &TANH_ABOVE, square));
    simd.div_f32s(above, polynomial(simd, &TANH_BELOW, square))
}

/// GELU and its slope.
#[inline(always)]
pub(super) fn gelu<S: Simd>(simd: S, x: S::f32s) -> (S::f32s, S::f32s) {
    // sqrt(2 / pi) and the published factor of the cube.
    const ROOT: f32 = 0.797_884_6;
    const CUBE: f32 = 0.044_715;
    let square = simd.mul_f32s(x, x);
    let one = simd.splat_f32s(1.0);
    let half = simd.splat_f32s(0.5);
    let scaled = simd.mul_f32s(x, simd.splat_f32s(ROOT));
    let t = tanh(simd, simd.mul_f32s(scaled, simd.mul_add_e_f32s(square, simd.splat_f32s(CUBE), one)));
    let share = simd.mul_add_e_f32s(half, t, half);
    let bend = simd.sub_f32s(half, simd.mul_f32s(half, simd.mul_f32s(t, t)));
    let inner = simd.mul_add_e_f32s(square, simd.splat_f32s(3.0 * CUBE), one);
    let slope = simd.mul_add_e_f32s(simd.mul_f32s(scaled, inner), bend, share);
    (simd.mul_f32s(x, share), slope)
}

/// (sin(x), cos(x)): x less the nearest multiple k of pi, and the sign of (-1)^k.
#[inline(always)]
fn sin_cos<S: Simd>(simd: S, x: S::f32s) -> (S::f32s, S::f32s) {
    // pi in three parts, the first two short enough for exact products with k (Cody and Waite).
    const PI: [f32; 3] = [3.140_625, 9.675_026e-4, 1.509_958e-7];
    let turns = round(simd, simd.mul_f32s(x, simd.splat_f32s(std::f32::consts::FRAC_1_PI)));
    let mut rest = x;
    for part in PI {
        rest = simd.mul_add_e_f32s(turns, simd.splat_f32s(-part), rest);
    }
    let half = simd.splat_f32s(0.5);
    let even = simd.mul_f32s(simd.splat_f32s(2.0), round(simd, simd.mul_f32s(turns, half)));
    // 0 for even k, +-1 for odd k.
    let odd = simd.sub_f32s(turns, even);
    let sign = simd.mul_add_e_f32s(simd.mul_f32s(odd, odd), simd.splat_f32s(-2.0), simd.splat_f32s(1.0));
    let square = simd.mul_f32s(rest, rest);
    let sine = simd.mul_f32s(rest, polynomial(simd, &SINE, square));
    let cosine = polynomial(simd, &COSINE, square);
    (simd.mul_f32s(sign, sine), simd.mul_f32s(sign, cosine))
}

/// The nearest integer, for |x| < 2^22: adding 1.5 x 2^23 leaves no room for a fraction.
#[inline(always)]
fn round<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let shift = simd.splat_f32s(12_582_912.0);
    simd.sub_f32s(simd.add_f32s(x, shift), shift)
}

#[inline(always)]
fn polynomial<S: Simd>(simd: S, coefficients: &[f32], x: S::f32s) -> S::f32s {
    let mut sum = simd.splat_f32s(0.0);
    for coefficient in coefficients.iter().rev() {
        sum = simd.mul_add_e_f32s(sum, x, simd.splat_f32s(*coefficient));
    }
    sum
}
