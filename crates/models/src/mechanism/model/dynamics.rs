//! The drift of a fitted mechanism as a function of the state.

use ndarray::{Array1, Array2, ArrayView1, ArrayViewMut1};
use neuroloom_analysis::spline::CubicCurve;

use super::{Mechanism, Modulation, TransferFunctions};
use crate::Error;

/// The fitted functions prepared for many evaluations of the drift.
///
/// dx_i/dt = phi_i(x_i) + Omega_i(t) sum_j W_ij psi_ij(x_j)
pub struct Dynamics<'a> {
    weight_matrix: &'a Array2<f64>,
    transfer: &'a TransferFunctions,
    curves: Vec<CubicCurve>,
    splines: Vec<CubicCurve>,
    self_coupling: &'a [f64],
    modulation: Option<&'a Modulation>,
    /// Neurons of each receiver class.
    receivers: Vec<Vec<usize>>,
    /// Their rows of W, where there is more than one class.
    rows: Vec<Array2<f64>>,
}

impl Mechanism {
    /// The drift as a function of the state.
    ///
    /// # Errors
    /// [`Error::Analysis`] if a spline is malformed.
    pub fn dynamics(&self) -> Result<Dynamics<'_>, Error> {
        let n = self.n_neurons();
        let splines = (0..n).map(|neuron| self.update.spline(neuron)).collect::<Result<_, _>>()?;
        let n_classes = self.transfer.n_receiver_classes();
        let of_class = |class: usize| -> Vec<usize> {
            (0..n).filter(|&one| self.transfer.receiver_class[one] as usize == class).collect()
        };
        let receivers: Vec<Vec<usize>> = (0..n_classes).map(of_class).collect();
        let rows = match n_classes {
            0 | 1 => Vec::new(),
            _ => receivers.iter().map(|some| self.weight_matrix.select(ndarray::Axis(0), some)).collect(),
        };
        Ok(Dynamics {
            weight_matrix: &self.weight_matrix,
            transfer: &self.transfer,
            curves: self.transfer.curves()?,
            splines,
            self_coupling: &self.update.self_coupling,
            modulation: self.modulation.as_ref(),
            receivers,
            rows,
        })
    }
}

impl Dynamics<'_> {
    /// dx/dt of many states at once, `[state, neuron]`, with Omega = 1.
    pub fn drifts(&self, states: &Array2<f64>) -> Array2<f64> {
        let mut drifts = match self.rows.is_empty() {
            true => self.messages(states, 0).dot(&self.weight_matrix.t()),
            false => Array2::zeros(states.raw_dim()),
        };
        for (class, (rows, receivers)) in self.rows.iter().zip(&self.receivers).enumerate() {
            let sums = self.messages(states, class).dot(&rows.t());
            for (sum, &receiver) in sums.columns().into_iter().zip(receivers) {
                drifts.column_mut(receiver).assign(&sum);
            }
        }
        for (drift, state) in drifts.rows_mut().into_iter().zip(states.rows()) {
            self.add_update(state, drift);
        }
        drifts
    }

    /// Writes dx/dt at the state `x` into `out`, with Omega = 1.
    pub fn drift(&self, x: &Array1<f64>, out: ArrayViewMut1<f64>) {
        self.drift_scaled(x, None, out);
    }

    /// Writes dx/dt at the state `x` at a frame of the recording into `out`.
    pub fn drift_at(&self, x: &Array1<f64>, frame: usize, out: ArrayViewMut1<f64>) {
        let scale = self.modulation.map(|field| field.values.row(field.slice_at(frame)));
        self.drift_scaled(x, scale, out);
    }

    fn drift_scaled(&self, x: &Array1<f64>, scale: Option<ArrayView1<'_, f64>>, mut out: ArrayViewMut1<f64>) {
        if self.rows.is_empty() {
            out.assign(&self.weight_matrix.dot(&self.message(x.view(), 0)));
        }
        for (class, (rows, receivers)) in self.rows.iter().zip(&self.receivers).enumerate() {
            let sums = rows.dot(&self.message(x.view(), class));
            sums.iter().zip(receivers).for_each(|(&sum, &receiver)| out[receiver] = sum);
        }
        if let Some(scale) = scale {
            out *= &scale;
        }
        self.add_update(x.view(), out);
    }

    /// psi of the states as receivers of one class see them.
    fn messages(&self, states: &Array2<f64>, class: usize) -> Array2<f64> {
        let mut messages = Array2::zeros(states.raw_dim());
        for (mut message, state) in messages.rows_mut().into_iter().zip(states.rows()) {
            message.assign(&self.message(state, class));
        }
        messages
    }

    fn message(&self, x: ArrayView1<'_, f64>, class: usize) -> Array1<f64> {
        let first = class * self.transfer.n_sender_classes;
        let senders = x.iter().zip(&self.transfer.sender_class);
        senders.map(|(&x, &sender)| self.curves[first + sender as usize].value(x)).collect()
    }

    fn add_update(&self, state: ArrayView1<f64>, mut drift: ArrayViewMut1<f64>) {
        for (neuron, spline) in self.splines.iter().enumerate() {
            let x = state[neuron];
            let own = self.curves[self.transfer.place(neuron, neuron)].value(x);
            drift[neuron] += spline.value(x) + self.self_coupling[neuron] * own;
        }
    }
}
