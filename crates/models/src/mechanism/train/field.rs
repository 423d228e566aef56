//! The external field Omega_i(t) as a network of sines of (x, y, t), squared; 1 for neurons without a place.

use ndarray::ArrayView2;

use super::config::FieldConfig;
use super::layers::Network;
use crate::Error;

/// The shape of the field.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) network: Network,
    n: usize,
    /// Neurons that it reaches, and their places `[neuron, 2]`.
    reached: Vec<usize>,
    places: Vec<f32>,
}

/// Omega of some frames.
#[derive(Debug)]
pub(super) struct FieldPass {
    /// Omega, `[frame, neuron]`.
    omega: Vec<f32>,
    /// Output of the network, `[frame, reached neuron]`; Omega is its square.
    output: Vec<f32>,
}

impl Field {
    /// A field over the neurons whose place (scaled to 0..1) is known; NaN = Omega is 1 there.
    pub(super) fn new(config: &FieldConfig, positions: ArrayView2<'_, f64>) -> Result<Self, Error> {
        let reached: Vec<usize> = (0..positions.nrows())
            .filter(|&neuron| positions.row(neuron).iter().all(|value| value.is_finite()))
            .collect();
        if reached.is_empty() || positions.ncols() < 2 {
            return Err(Error::Recording {
                problem: "an external field was asked for, but no neuron has a position (x, y)".to_owned(),
                hint: "give positions, or leave out [train.field]".to_owned(),
            });
        }
        let axis = |axis: usize| {
            let values = || reached.iter().map(|&neuron| positions[[neuron, axis]]);
            let low = values().fold(f64::INFINITY, f64::min);
            let span = values().fold(f64::NEG_INFINITY, f64::max) - low;
            values().map(|value| ((value - low) / span.max(f64::MIN_POSITIVE)) as f32).collect::<Vec<f32>>()
        };
        let places = axis(0).into_iter().zip(axis(1)).flat_map(|(x, y)| [x, y]).collect();
        let network = Network::sines(3, config.width, config.layers, config.frequency as f32)?;
        Ok(Self { network, n: positions.nrows(), reached, places })
    }

    /// Omega at some times.
    pub(super) fn forward(&self, parameters: &[f32], time: &[f32]) -> Result<FieldPass, Error> {
        let inputs = self.inputs(time);
        let mut output = vec![0.0; inputs.len() / 3];
        self.network.forward(parameters, &inputs, &mut output)?;
        let mut omega = vec![1.0; time.len() * self.n];
        for (frame, row) in output.chunks_exact(self.reached.len()).enumerate() {
            for (&neuron, value) in self.reached.iter().zip(row) {
                omega[frame * self.n + neuron] = value * value;
            }
        }
        Ok(FieldPass { omega, output })
    }

    /// Adds d(sum slope Omega) to the gradient.
    pub(super) fn backward(
        &self,
        parameters: &[f32],
        (time, pass): (&[f32], &FieldPass),
        slope: &[f32],
        gradient: &mut [f32],
    ) -> Result<(), Error> {
        let mut of_output = Vec::with_capacity(pass.output.len());
        for (frame, row) in pass.output.chunks_exact(self.reached.len()).enumerate() {
            let of = |(&neuron, value): (&usize, &f32)| 2.0 * value * slope[frame * self.n + neuron];
            of_output.extend(self.reached.iter().zip(row).map(of));
        }
        self.network.backward(parameters, &self.inputs(time), &of_output, gradient)?;
        Ok(())
    }

    fn inputs(&self, time: &[f32]) -> Vec<f32> {
        let of_frame =
            |&time: &f32| self.places.chunks_exact(2).flat_map(move |place| [place[0], place[1], time]);
        time.iter().flat_map(of_frame).collect()
    }
}

impl FieldPass {
    /// Omega s.
    pub(super) fn scaled(&self, slope: &[f32]) -> Vec<f32> {
        slope.iter().zip(&self.omega).map(|(slope, omega)| slope * omega).collect()
    }
}
