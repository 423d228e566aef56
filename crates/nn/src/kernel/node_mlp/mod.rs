//! An MLP applied to every row of a table: few inputs, hidden layers of 16 to 256, few outputs.
//!
//! h_0 = x; h_l = f(h_{l-1} A_l + b_l); y = h_{L-1} A_L + b_L
//!
//! A GEMM per layer over all rows would write each activation to memory and read it back. Here about a hundred
//! rows go through all layers while they stay in the first caches; the backward pass computes the activations
//! again instead of storing them. Memory: a few hundred kilobytes a thread, however many rows. A ReLU network of
//! one input and one output on many rows takes a shorter way: it is a line from kink to kink, see `lines`.
//!
//! # Examples
//! ```
//! use neuroloom_nn::kernel::{Activation, MlpGradients, NodeMlp};
//! let mlp = NodeMlp::new(&[1, 16, 1], Activation::Tanh)?;
//! let parameters = vec![0.1; mlp.n_parameters()];
//! let inputs = [0.5, -1.0];
//! let mut gradients = vec![0.0; mlp.n_parameters()];
//! let mut input_gradients = [0.0; 2];
//! let into = MlpGradients { parameters: &mut gradients, inputs: Some(&mut input_gradients) };
//! mlp.backward(&parameters, &inputs, &[1.0, 1.0], into)?;
//! assert_eq!(*gradients.last().unwrap(), 2.0); // the output bias
//! # Ok::<(), neuroloom_nn::Error>(())
//! ```

mod backward;
mod forward;
mod layers;
mod lines;

use std::ops::Range;

use pulp::Arch;
use rayon::prelude::*;

use self::backward::BackwardChunk;
use self::forward::ForwardChunk;
use self::layers::{Layer, Packed, add_gradients, layers, working_length};
use self::lines::{Pieces, Search};
use super::Activation;
use super::rows::chunk_rows;
use crate::Error;
use crate::error::check_length;

/// The shape of an MLP; its parameters are the caller's.
///
/// **Parameters**: layer after layer the weights `[in, out]` in row-major order (Burn's order; PyTorch's
/// transposed), then the biases `[out]`. Gradients have the same order.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeMlp {
    widths: Vec<usize>,
    activation: Activation,
    layers: Vec<Layer>,
    arch: Level,
}

/// The instruction set; tests ask for a lower one than there is.
#[derive(Debug, Clone, Copy)]
struct Level(Arch);

impl PartialEq for Level {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Where [`NodeMlp::backward`] adds what it finds.
#[derive(Debug)]
pub struct MlpGradients<'a> {
    /// dL/d(parameters) is **added** here.
    pub parameters: &'a mut [f32],
    /// dL/d(inputs) `[rows, in]` is **written** here, if asked for.
    pub inputs: Option<&'a mut [f32]>,
}

/// What [`NodeMlp::forward_backward`] reads and fills.
#[derive(Debug)]
pub struct LossGradient<'a> {
    /// The outputs `[rows, out]` are written here.
    pub outputs: &'a mut [f32],
    /// dL/d(outputs) `[rows, out]`, written by the closure.
    pub output_gradients: &'a mut [f32],
}

impl NodeMlp {
    /// An MLP of these widths (inputs, hidden layers, outputs); the activation follows each layer but the last.
    ///
    /// # Errors
    /// [`Error::Value`] for fewer than two widths or a width of zero.
    pub fn new(widths: &[usize], activation: Activation) -> Result<Self, Error> {
        if widths.len() < 2 || widths.contains(&0) {
            return Err(Error::Value {
                what: "widths of an MLP",
                given: format!("{widths:?}"),
                allowed: "at least an input and an output width, each at least 1",
            });
        }
        let layers = layers(widths);
        Ok(Self { widths: widths.to_vec(), activation, layers, arch: Level(Arch::new()) })
    }

    /// The same on a lower instruction set.
    #[cfg(test)]
    pub(super) fn at(self, arch: Arch) -> Self {
        Self { arch: Level(arch), ..self }
    }

    /// The widths: inputs, hidden layers, outputs.
    pub fn widths(&self) -> &[usize] {
        &self.widths
    }

    /// What follows each layer but the last.
    pub fn activation(&self) -> Activation {
        self.activation
    }

    /// Number of inputs of a row.
    pub fn n_inputs(&self) -> usize {
        self.layers[0].n_in
    }

    /// Number of outputs of a row.
    pub fn n_outputs(&self) -> usize {
        self.layers[self.layers.len() - 1].n_out
    }

    /// Number of layers.
    pub fn n_layers(&self) -> usize {
        self.layers.len()
    }

    /// Number of parameters.
    pub fn n_parameters(&self) -> usize {
        self.layers[self.layers.len() - 1].bias.end
    }

    /// Where the weights `[in, out]` of a layer are; `None` past the last layer.
    pub fn weight(&self, layer: usize) -> Option<Range<usize>> {
        Some(self.layers.get(layer)?.weight.clone())
    }

    /// Where the biases `[out]` of a layer are; `None` past the last layer.
    pub fn bias(&self, layer: usize) -> Option<Range<usize>> {
        Some(self.layers.get(layer)?.bias.clone())
    }

    /// y = MLP(x) for every row.
    ///
    /// # Shapes
    /// `inputs [rows, in]`, `outputs [rows, out]`, row-major.
    ///
    /// # Errors
    /// [`Error::Length`] if an array does not fit.
    pub fn forward(&self, parameters: &[f32], inputs: &[f32], outputs: &mut [f32]) -> Result<(), Error> {
        let n_rows = self.check(parameters, inputs)?;
        check_length("outputs of an MLP", outputs.len(), n_rows * self.n_outputs())?;
        let rows = chunk_rows(n_rows);
        let pairs =
            inputs.par_chunks(rows * self.n_inputs()).zip(outputs.par_chunks_mut(rows * self.n_outputs()));
        if let Some(pieces) = Pieces::of(self, parameters, n_rows) {
            let search = Search::new(&pieces);
            pairs.for_each(|(inputs, outputs)| search.forward(inputs, outputs));
            return Ok(());
        }
        let packed = Packed::forward(&self.layers, parameters);
        pairs.for_each(|(inputs, outputs)| {
            self.arch.0.dispatch(ForwardChunk { mlp: self, packed: &packed, inputs, outputs });
        });
        Ok(())
    }

    /// From dL/dy to dL/d(parameters) and dL/dx; the activations are computed again.
    ///
    /// # Shapes
    /// `inputs [rows, in]`, `output_gradients [rows, out]`.
    ///
    /// # Errors
    /// [`Error::Length`] if an array does not fit.
    pub fn backward(
        &self,
        parameters: &[f32],
        inputs: &[f32],
        output_gradients: &[f32],
        gradients: MlpGradients<'_>,
    ) -> Result<(), Error> {
        let n_rows = self.check(parameters, inputs)?;
        check_length("output gradients of an MLP", output_gradients.len(), n_rows * self.n_outputs())?;
        let rows = chunk_rows(n_rows) * self.n_outputs();
        let work = output_gradients.par_chunks(rows.max(1)).map(OutputSide::Given);
        self.run_backward(parameters, inputs, work, gradients)
    }

    /// Forward and backward in one pass, for a loss whose gradient at a row depends on that row alone: saves
    /// the second forward pass.
    ///
    /// `loss(rows, y, dy)` gets a range of rows and their outputs and fills dL/dy; it runs on several threads
    /// at a time. An un-squared norm fits too: its gradient is the residual times a number that is known only
    /// at the end, and all gradients are linear in it, so scale them then.
    ///
    /// # Errors
    /// [`Error::Length`] if an array does not fit.
    pub fn forward_backward(
        &self,
        parameters: &[f32],
        inputs: &[f32],
        rows: LossGradient<'_>,
        loss: impl Fn(Range<usize>, &[f32], &mut [f32]) + Sync,
        gradients: MlpGradients<'_>,
    ) -> Result<(), Error> {
        let n_rows = self.check(parameters, inputs)?;
        let n_out = self.n_outputs();
        check_length("outputs of an MLP", rows.outputs.len(), n_rows * n_out)?;
        check_length("output gradients of an MLP", rows.output_gradients.len(), n_rows * n_out)?;
        let chunk = chunk_rows(n_rows);
        let pairs = rows
            .outputs
            .par_chunks_mut(chunk * n_out)
            .zip(rows.output_gradients.par_chunks_mut(chunk * n_out));
        let work = pairs.enumerate().map(|(index, (outputs, gradients))| OutputSide::Asked {
            first_row: index * chunk,
            outputs,
            gradients,
            loss: &loss,
        });
        self.run_backward(parameters, inputs, work, gradients)
    }

    fn run_backward<'a>(
        &self,
        parameters: &[f32],
        inputs: &[f32],
        output_sides: impl IndexedParallelIterator<Item = OutputSide<'a>>,
        gradients: MlpGradients<'_>,
    ) -> Result<(), Error> {
        check_length("parameter gradients of an MLP", gradients.parameters.len(), self.n_parameters())?;
        let n_in = self.n_inputs();
        let chunk = chunk_rows(inputs.len() / n_in);
        let n_chunks = inputs.len().div_ceil(chunk * n_in);
        let mut no_gradients = Vec::new();
        let input_gradients = match gradients.inputs {
            Some(into) => {
                check_length("input gradients of an MLP", into.len(), inputs.len())?;
                into.chunks_mut(chunk * n_in).map(Some).collect()
            }
            None => {
                no_gradients.resize_with(n_chunks, || None);
                no_gradients
            }
        };
        if let Some(pieces) = Pieces::of(self, parameters, inputs.len() / n_in) {
            let search = Search::new(&pieces);
            let n_pieces = search.n_pieces();
            let mut partials = vec![[0.0; 2]; n_chunks * n_pieces];
            (inputs.par_chunks(chunk), output_sides, input_gradients, partials.par_chunks_mut(n_pieces))
                .into_par_iter()
                .for_each(|(inputs, output_side, input_gradients, sums)| {
                    search.backward((inputs, output_side), sums, input_gradients);
                });
            pieces.backward(self, parameters, &partials, gradients.parameters);
            return Ok(());
        }
        let packed = Packed::both(&self.layers, parameters);
        let length = working_length(&self.layers);
        let mut partials = vec![0.0; n_chunks * length];
        (inputs.par_chunks(chunk * n_in), output_sides, input_gradients, partials.par_chunks_mut(length))
            .into_par_iter()
            .for_each(|(inputs, output_side, input_gradients, partial)| {
                let chunk = BackwardChunk {
                    mlp: self,
                    packed: &packed,
                    inputs,
                    output_side,
                    input_gradients,
                    partial,
                };
                self.arch.0.dispatch(chunk);
            });
        for partial in partials.chunks(length) {
            add_gradients(&self.layers, partial, gradients.parameters);
        }
        Ok(())
    }

    /// Number of rows, once all fits.
    fn check(&self, parameters: &[f32], inputs: &[f32]) -> Result<usize, Error> {
        check_length("parameters of an MLP", parameters.len(), self.n_parameters())?;
        let n_rows = inputs.len() / self.n_inputs();
        check_length("inputs of an MLP", inputs.len(), n_rows * self.n_inputs())?;
        Ok(n_rows)
    }

    /// Floats of working memory for the activations of one tile.
    fn widest(&self) -> usize {
        self.layers.iter().map(|layer| layer.padded_out().max(layer.padded_in())).max().unwrap_or(0)
    }
}

/// Fills dL/dy of a range of rows from their y.
type RowLoss<'a> = dyn Fn(Range<usize>, &[f32], &mut [f32]) + Sync + 'a;

/// dL/dy of the rows of a chunk.
enum OutputSide<'a> {
    Given(&'a [f32]),
    Asked { first_row: usize, outputs: &'a mut [f32], gradients: &'a mut [f32], loss: &'a RowLoss<'a> },
}
