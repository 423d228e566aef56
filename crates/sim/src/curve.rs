//! The nonlinearities in f32, written so that the compiler turns them into vector code.
//!
//! Only `mul_add`, the four operations and bit shifts are used: every instruction set gives the same bytes.

/// A scalar function without state, known at compile time.
pub(crate) trait Curve: Send + Sync {
    /// The value at `x`.
    fn at(x: f32) -> f32;
}

/// tanh(x), within 2 units in the last place.
pub(crate) struct Tanh;

/// max(x, 0)
pub(crate) struct Relu;

/// 1 / (1 + exp(-x)) = 1/2 + tanh(x/2) / 2
pub(crate) struct Sigmoid;

impl Curve for Tanh {
    #[inline(always)]
    fn at(x: f32) -> f32 {
        tanh(x)
    }
}

impl Curve for Relu {
    #[inline(always)]
    fn at(x: f32) -> f32 {
        // Not `max`, which would turn NaN into 0 and hide a divergence.
        if x < 0.0 { 0.0 } else { x }
    }
}

impl Curve for Sigmoid {
    #[inline(always)]
    fn at(x: f32) -> f32 {
        0.5_f32.mul_add(tanh(0.5 * x), 0.5)
    }
}

/// Below this the continued fraction, above it the exponential.
const SPLIT: f32 = 0.625;

/// exp(20) + 1 is so large that 1 - 2 / (exp(20) + 1) rounds to 1.
const SATURATION: f32 = 20.0;

/// Both branches are b (1 - n / d) with one division:
///
/// - |x| < 0.625: b = |x|, z = x^2, n = z (315 + 14 z), d = 945 + 420 z + 15 z^2, Lambert's continued
///   fraction cut after five terms (relative error below 1e-9 here);
/// - else: b = 1, n = 2, d = exp(2 |x|) + 1.
#[inline(always)]
fn tanh(x: f32) -> f32 {
    let size = x.abs();
    let square = x * x;
    let twice = size + size;
    let growth = exp(if twice > SATURATION { SATURATION } else { twice });
    let small = size < SPLIT;
    let base = if small { size } else { 1.0 };
    let numerator = if small { square * 14.0_f32.mul_add(square, 315.0) } else { 2.0 };
    let denominator =
        if small { square.mul_add(15.0_f32.mul_add(square, 420.0), 945.0) } else { growth + 1.0 };
    (-base).mul_add(numerator / denominator, base).copysign(x)
}

/// exp(y) for 0 <= y <= 20: y = n ln 2 + r, |r| <= ln 2 / 2, Taylor to the seventh power (5e-9), times 2^n.
#[inline(always)]
fn exp(y: f32) -> f32 {
    // Adding 1.5 * 2^23 rounds to an integer and leaves that integer in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    // The upper part has 15 significant bits, so n times it is exact.
    const LN_2_UPPER: f32 = f32::from_bits(0x3f31_7200);
    const LN_2_LOWER: f32 = (std::f64::consts::LN_2 - LN_2_UPPER as f64) as f32;
    let rounded = y.mul_add(std::f32::consts::LOG2_E, ROUND);
    let n = rounded - ROUND;
    let r = (-n).mul_add(LN_2_LOWER, (-n).mul_add(LN_2_UPPER, y));
    let series = r.mul_add(1.0 / 5040.0, 1.0 / 720.0);
    let series = r.mul_add(series, 1.0 / 120.0);
    let series = r.mul_add(series, 1.0 / 24.0);
    let series = r.mul_add(series, 1.0 / 6.0);
    let series = r.mul_add(series, 0.5);
    let series = r.mul_add(series, 1.0);
    let series = r.mul_add(series, 1.0);
    series * f32::from_bits((rounded.to_bits() << 23).wrapping_add(1.0_f32.to_bits()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use neuroloom_core::Activation;

    fn value(activation: Activation, x: f32) -> f32 {
        match activation {
            Activation::Tanh => Tanh::at(x),
            Activation::Relu => Relu::at(x),
            Activation::Sigmoid => Sigmoid::at(x),
        }
    }

    fn error_in_ulp(got: f32, expected: f64) -> f64 {
        let nearest = expected as f32;
        let ulp = f64::from(f32::from_bits(nearest.abs().to_bits() + 1)) - f64::from(nearest.abs());
        (f64::from(got) - expected).abs() / ulp
    }

    #[test]
    fn tanh_is_within_two_units_in_the_last_place_everywhere() {
        let mut worst = (0.0, 0.0);
        // Every 257th f32 from 1e-12 to 30, both signs.
        for bits in (1e-12_f32.to_bits()..30.0_f32.to_bits()).step_by(257) {
            for x in [f32::from_bits(bits), -f32::from_bits(bits)] {
                let error = error_in_ulp(Tanh::at(x), f64::from(x).tanh());
                worst = if error > worst.0 { (error, x) } else { worst };
            }
        }
        assert!(worst.0 < 2.0, "{worst:?}");
    }

    #[test]
    fn tanh_saturates_is_odd_and_passes_nan_on() {
        assert_eq!(Tanh::at(9.1), 1.0);
        assert_eq!(Tanh::at(f32::INFINITY), 1.0);
        assert_eq!(Tanh::at(-1e30), -1.0);
        assert_eq!(Tanh::at(0.0), 0.0);
        assert!(Tanh::at(-0.0).is_sign_negative());
        assert!(Tanh::at(f32::NAN).is_nan());
        assert!(Relu::at(f32::NAN).is_nan());
    }

    #[test]
    fn every_activation_agrees_with_the_definition_in_f64() {
        for activation in [Activation::Tanh, Activation::Relu, Activation::Sigmoid] {
            for step in -400..=400 {
                let x = step as f32 * 0.05;
                let expected = activation.apply(f64::from(x));
                let got = f64::from(value(activation, x));
                assert!((got - expected).abs() < 1.5e-7 * (1.0 + expected.abs()), "{activation:?} {x}");
            }
        }
    }
}
