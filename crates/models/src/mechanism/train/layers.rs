//! The networks phi, psi and Omega: linear layers with one output a row, on the fused kernels of `nn`.

use std::ops::Range;

use neuroloom_nn::kernel::{Activation, LossGradient, MlpGradients, NodeMlp};

use crate::Error;

/// A network of linear layers with ReLU (or sines) between them and one output a row.
///
/// Parameters of a layer: weights `[in, out]`, then biases `[out]`; layers in order.
#[derive(Debug, Clone)]
pub(super) struct Network(NodeMlp);

impl Network {
    /// ReLU between `layers` linear layers.
    pub(super) fn new(inputs: usize, width: usize, layers: usize) -> Result<Self, Error> {
        let mut widths = vec![width; layers + 1];
        widths[0] = inputs;
        widths[layers] = 1;
        Ok(Self(NodeMlp::new(&widths, Activation::Relu)?))
    }

    /// `layers` layers of sines, then a linear one.
    pub(super) fn sines(inputs: usize, width: usize, layers: usize, omega: f32) -> Result<Self, Error> {
        let mut widths = vec![width; layers + 2];
        widths[0] = inputs;
        widths[layers + 1] = 1;
        Ok(Self(NodeMlp::new(&widths, Activation::Sine { omega })?))
    }

    /// Widths and activation.
    #[cfg(feature = "burn")]
    pub(super) fn shape(&self) -> &NodeMlp {
        &self.0
    }

    pub(super) fn n_inputs(&self) -> usize {
        self.0.n_inputs()
    }

    /// (inputs, outputs) of each layer.
    pub(super) fn layers(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.0.widths().windows(2).map(|pair| (pair[0], pair[1]))
    }

    pub(super) fn n_parameters(&self) -> usize {
        self.0.n_parameters()
    }

    /// Writes one output a row.
    pub(super) fn forward(
        &self,
        parameters: &[f32],
        inputs: &[f32],
        outputs: &mut [f32],
    ) -> Result<(), Error> {
        Ok(self.0.forward(parameters, inputs, outputs)?)
    }

    /// Forward and backward at once: `loss` makes the slope of rows from their outputs. Adds to `gradient`, fills
    /// `slope`, returns the gradient of the inputs.
    pub(super) fn forward_backward(
        &self,
        parameters: &[f32],
        inputs: &[f32],
        slope: &mut [f32],
        loss: impl Fn(Range<usize>, &[f32], &mut [f32]) + Sync,
        gradient: &mut [f32],
    ) -> Result<Vec<f32>, Error> {
        let mut of_inputs = vec![0.0; inputs.len()];
        let mut outputs = vec![0.0; slope.len()];
        let into = MlpGradients { parameters: gradient, inputs: Some(&mut of_inputs) };
        let rows = LossGradient { outputs: &mut outputs, output_gradients: slope };
        self.0.forward_backward(parameters, inputs, rows, loss, into)?;
        Ok(of_inputs)
    }

    /// Adds the gradient of sum(output * slope) to `gradient`; returns that of the inputs.
    pub(super) fn backward(
        &self,
        parameters: &[f32],
        inputs: &[f32],
        slope: &[f32],
        gradient: &mut [f32],
    ) -> Result<Vec<f32>, Error> {
        let mut of_inputs = vec![0.0; inputs.len()];
        let into = MlpGradients { parameters: gradient, inputs: Some(&mut of_inputs) };
        self.0.backward(parameters, inputs, slope, into)?;
        Ok(of_inputs)
    }
}
