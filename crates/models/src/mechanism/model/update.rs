//! phi: what each neuron does alone.

use ndarray::Array2;
use neuroloom_analysis::spline::{Beyond, CubicBasis, CubicCurve};

use super::TransferFunctions;
use crate::Error;

/// phi_i(x) = B_i(x) d_i + s_i psi_ii(x): what each neuron does alone, per second.
///
/// The spline on the neuron's own range carries the slow part, s_i psi_ii(x) the curvature near 0. Only their
/// sum is determined: W_ii psi_ii(x_i) and phi_i(x_i) are the same thing to a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateFunctions {
    /// Lowest recorded value of each neuron.
    pub lower: Vec<f64>,
    /// Highest recorded value of each neuron.
    pub upper: Vec<f64>,
    /// Knots between them.
    pub n_knots: usize,
    /// Where the knots stand.
    pub spacing: KnotSpacing,
    /// `[neuron, basis function]`.
    pub coefficients: Array2<f64>,
    /// s_i, the share of psi in phi_i.
    pub self_coupling: Vec<f64>,
    /// How the splines go on beyond the recorded range: with their slope where the recording determines it,
    /// else flat, so that a noisy end cannot run away.
    pub beyond: Beyond,
}

/// Where the knots of phi stand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum KnotSpacing {
    /// At equal steps: psi_ii gives phi what curvature it needs near rest.
    Equal,
    /// At equal steps of asinh((x - center) / scale): dense near `center`, for senders whose psi is too wide
    /// to do so.
    Dense {
        /// Activity at rest.
        center: f64,
        /// Distance from it up to which knots stand at nearly equal steps.
        scale: f64,
    },
}

/// phi of one neuron, ready for many evaluations; beyond its range the spline goes on as
/// [`UpdateFunctions::beyond`] says.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateCurve {
    spline: CubicCurve,
    self_coupling: f64,
    transfer: CubicCurve,
}

impl UpdateCurve {
    /// phi(x).
    pub fn value(&self, x: f64) -> f64 {
        self.spline.value(x) + self.self_coupling * self.transfer.value(x)
    }
}

impl UpdateFunctions {
    /// phi of one neuron, given the psi of the same fit.
    ///
    /// # Errors
    /// [`Error::Analysis`] if the range is empty.
    pub fn curve(&self, neuron: usize, transfer: &TransferFunctions) -> Result<UpdateCurve, Error> {
        Ok(UpdateCurve {
            spline: self.spline(neuron)?,
            self_coupling: self.self_coupling[neuron],
            transfer: transfer.pair(neuron, neuron).curve()?,
        })
    }

    /// The spline part B_i(x) d_i of one neuron.
    pub(in crate::mechanism) fn spline(&self, neuron: usize) -> Result<CubicCurve, Error> {
        let basis = self.spacing.basis(self.lower[neuron], self.upper[neuron], self.n_knots)?;
        Ok(basis.curve(&self.coefficients.row(neuron).to_vec(), self.beyond)?)
    }
}

impl KnotSpacing {
    /// The basis on one neuron's range.
    pub(in crate::mechanism) fn basis(
        self,
        lower: f64,
        upper: f64,
        n_knots: usize,
    ) -> Result<CubicBasis, Error> {
        let Self::Dense { center, scale } = self else {
            return Ok(CubicBasis::uniform(lower, upper, n_knots)?);
        };
        let warp = |x: f64| ((x - center) / scale).asinh();
        let (first, last) = (warp(lower), warp(upper));
        let step = (last - first) / (n_knots.max(2) - 1) as f64;
        let mut knots: Vec<f64> =
            (0..n_knots).map(|knot| center + scale * (first + step * knot as f64).sinh()).collect();
        // The ends are exact: rounding in sinh must not leave a recorded value outside.
        if let (Some(at_lower), n) = (knots.first_mut(), n_knots) {
            *at_lower = lower;
            knots[n - 1] = upper;
        }
        Ok(CubicBasis::new(knots)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dense_knots_crowd_at_rest_and_reach_the_ends() {
        let basis = KnotSpacing::Dense { center: 0.0, scale: 0.5 }.basis(-20.0, 10.0, 15).unwrap();
        let knots = basis.knots();
        assert_eq!((knots[0], knots[14]), (-20.0, 10.0));
        let widths: Vec<f64> = knots.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let narrowest = widths.iter().copied().fold(f64::INFINITY, f64::min);
        assert!(narrowest < 0.4 && widths[0] > 5.0, "{widths:?}");
    }
}
