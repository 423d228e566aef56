//! What a simulation knows and a recording does not.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::Error;

/// Bounded or rectifying nonlinearity of a neuron's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// tanh(x)
    #[default]
    Tanh,
    /// max(x, 0)
    Relu,
    /// 1 / (1 + exp(-x))
    Sigmoid,
}

impl Activation {
    /// The value at `x`.
    pub fn apply(self, x: f64) -> f64 {
        match self {
            Self::Tanh => x.tanh(),
            Self::Relu => x.max(0.0),
            Self::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        }
    }
}

/// Whose type shapes the transfer function psi.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransferKind {
    /// psi(x_j): one function for all, f(x_j).
    #[default]
    Shared,
    /// psi(a_j, x_j) = f((x_j - h_j) / w_j): the sender's width ("transmitters", N4).
    Sender,
    /// psi(a_i, a_j, x_j) = f((x_j - h_j) / w_i) - x_j ln(w_j) / 50: the receiver's width and the sender's
    /// linear slope ("receptors", N5).
    Receiver,
}

/// Parameters of one neuron type; symbols of Allier et al. 2026, eq. 2, in brackets.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssemblyType {
    /// Decay rate (1/tau), per second.
    pub decay: f64,
    /// Constant drive (b).
    pub offset: f64,
    /// Gain of the recurrent sum (g).
    pub gain: f64,
    /// Self coupling (s).
    pub self_coupling: f64,
    /// Width of the transfer function (w, gamma in the paper).
    pub width: f64,
    /// Threshold of the transfer function (h).
    pub threshold: f64,
}

impl Default for AssemblyType {
    fn default() -> Self {
        Self { decay: 1.0, offset: 0.0, gain: 10.0, self_coupling: 1.0, width: 1.0, threshold: 0.0 }
    }
}

/// How an external field Omega enters the dynamics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModulationMode {
    /// g_i Omega_i(t) sum_j W_ij psi_ij(x_j)
    #[default]
    Multiplicative,
    /// g_i sum_j W_ij psi_ij(x_j) + Omega_i(t)
    Additive,
}

/// An external field that scales each neuron's recurrent sum, or adds to it; piecewise constant in time.
///
/// Before frame 0 (burn-in) the field is zero, as in the published code: a multiplicative field then
/// uncouples the neurons.
#[derive(Debug, Clone, PartialEq)]
pub struct Modulation {
    /// Whether the field scales the recurrent sum or adds to it.
    pub mode: ModulationMode,
    /// `[slice, neuron]`.
    pub values: Array2<f32>,
    /// Frames that the slices are spread over.
    pub n_frames: usize,
    /// Where the field reaches the neurons, `[neuron, 2]` (row, column) in pixels; NaN = Omega is 1 (or 0) there.
    /// Absent for a field without space.
    pub positions: Option<Array2<f32>>,
}

impl Modulation {
    /// The slice in force at a frame: floor((S - 1) frame / n_frames), the rule of the published code.
    pub fn slice_at(&self, frame: usize) -> usize {
        let last = self.values.nrows().saturating_sub(1);
        (last * frame / self.n_frames.max(1)).min(last)
    }
}

/// The wiring, types and functions behind a simulated recording.
///
/// dx_i/dt = -c_i x_i + b_i + s_i f(x_i) + g_i Omega_i(t) sum_j W_ij psi_ij(x_j)   (Allier et al. 2026, eq. 2)
#[derive(Debug, Clone, PartialEq)]
pub struct Truth {
    /// W[post, pre], without the gain g.
    pub weight_matrix: Array2<f32>,
    /// Type of each neuron, a row of `types`.
    pub cell_type: Vec<u32>,
    /// Parameters of each type.
    pub types: Vec<AssemblyType>,
    /// Whose type shapes psi.
    pub transfer: TransferKind,
    /// The nonlinearity f.
    pub activation: Activation,
    /// Omega, where there is one; scales the recurrent sum or adds to it.
    pub modulation: Option<Modulation>,
    /// Standard deviation of the noise added at each step (no sqrt(dt)).
    pub noise_std: f64,
    /// Euler step in seconds.
    pub dt_s: f64,
}

impl Truth {
    /// Checks that the parts fit together.
    ///
    /// # Errors
    /// [`Error::Shape`] or [`Error::Value`] naming the part.
    pub fn check(&self) -> Result<(), Error> {
        let n = self.cell_type.len();
        if self.weight_matrix.dim() != (n, n) {
            return Err(Error::Shape {
                what: "weight_matrix of the truth",
                given: format!("{:?}", self.weight_matrix.shape()),
                allowed: format!("[{n}, {n}], one row a cell_type"),
            });
        }
        let n_types = self.types.len();
        if let Some(stray) = self.cell_type.iter().find(|&&one| one as usize >= n_types) {
            return Err(Error::Value {
                what: "cell_type of the truth",
                given: stray.to_string(),
                allowed: format!("below {n_types}, the number of types"),
            });
        }
        let Some(modulation) = &self.modulation else { return Ok(()) };
        if modulation.values.ncols() != n {
            return Err(Error::Shape {
                what: "modulation of the truth",
                given: format!("{:?}", modulation.values.shape()),
                allowed: format!("[slice, {n}]"),
            });
        }
        match &modulation.positions {
            Some(positions) if positions.dim() != (n, 2) => Err(Error::Shape {
                what: "modulation_positions of the truth",
                given: format!("{:?}", positions.shape()),
                allowed: format!("[{n}, 2]"),
            }),
            _ => Ok(()),
        }
    }

    /// Number of neurons.
    pub fn n_neurons(&self) -> usize {
        self.cell_type.len()
    }

    /// phi of a type: -c x + b + s f(x), per second.
    pub fn update(&self, cell_type: usize, x: f64) -> f64 {
        let own = &self.types[cell_type];
        own.offset - own.decay * x + own.self_coupling * self.activation.apply(x)
    }

    /// psi of a pair of types, without W and g.
    pub fn transfer(&self, receiver: usize, sender: usize, x: f64) -> f64 {
        let from = &self.types[sender];
        match self.transfer {
            TransferKind::Shared => self.activation.apply(x),
            TransferKind::Sender => self.activation.apply((x - from.threshold) / from.width),
            TransferKind::Receiver => {
                let width = self.types[receiver].width;
                self.activation.apply((x - from.threshold) / width) - x * from.width.ln() / 50.0
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receiver_slopes_are_those_of_the_paper() {
        // theta = ln(w) / 50 for w = 1, 2, 4, 8 (paper, rounded down: 0, 0.013, 0.027, 0.040).
        let widths = [1.0, 2.0, 4.0, 8.0];
        let truth = Truth {
            weight_matrix: Array2::zeros((4, 4)),
            cell_type: vec![0, 1, 2, 3],
            types: widths.iter().map(|&width| AssemblyType { width, ..AssemblyType::default() }).collect(),
            transfer: TransferKind::Receiver,
            activation: Activation::Tanh,
            modulation: None,
            noise_std: 0.0,
            dt_s: 0.01,
        };
        truth.check().unwrap();
        let theta: Vec<f64> = (0..4).map(|sender| 1.0_f64.tanh() - truth.transfer(0, sender, 1.0)).collect();
        for (got, expected) in theta.iter().zip([0.0, 0.013_862_943, 0.027_725_887, 0.041_588_831]) {
            assert!((got - expected).abs() < 1e-8, "{got} {expected}");
        }
    }

    #[test]
    fn slices_follow_the_published_rule() {
        let modulation = Modulation {
            mode: ModulationMode::Multiplicative,
            values: Array2::zeros((257, 1)),
            n_frames: 50_000,
            positions: None,
        };
        assert_eq!(modulation.slice_at(0), 0);
        assert_eq!(modulation.slice_at(195), 0); // 256 * 195 / 50000 = 0.998
        assert_eq!(modulation.slice_at(196), 1);
        assert_eq!(modulation.slice_at(49_999), 255);
        assert_eq!(modulation.slice_at(80_000), 256);
    }
}
