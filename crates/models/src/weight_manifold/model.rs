//! The autoencoder: what it does, and its named arrays.

use std::collections::BTreeMap;

use ndarray::{Array1, Array2, ArrayD, ArrayView2, Axis, Ix1, Ix2};

use super::config::{HiddenActivation, kebab};
use crate::{Error, Tensors};

/// One hidden layer: h = f(A x + b), y = B h + c.
#[derive(Debug, Clone, PartialEq)]
pub struct Autoencoder {
    /// A, `[hidden, input]`; column i holds the outgoing weights of input neuron i.
    pub input_weights: Array2<f64>,
    /// B, `[output, hidden]`; row i holds the incoming weights of output neuron i.
    pub output_weights: Array2<f64>,
    /// b, `[hidden]`.
    pub hidden_bias: Array1<f64>,
    /// c, `[output]`.
    pub output_bias: Array1<f64>,
    /// f.
    pub activation: HiddenActivation,
}

impl Autoencoder {
    /// Number of input neurons.
    pub fn n_inputs(&self) -> usize {
        self.input_weights.ncols()
    }

    /// Number of hidden units.
    pub fn n_hidden(&self) -> usize {
        self.input_weights.nrows()
    }

    /// Hidden activity, `[moment, hidden]`, of inputs `[moment, neuron]`.
    pub fn encode(&self, inputs: ArrayView2<'_, f64>) -> Array2<f64> {
        let mut hidden = inputs.dot(&self.input_weights.t()) + &self.hidden_bias;
        match self.activation {
            HiddenActivation::Identity => {}
            HiddenActivation::Relu => hidden.mapv_inplace(|z| z.max(0.0)),
            HiddenActivation::Tanh => hidden.mapv_inplace(f64::tanh),
        }
        hidden
    }

    /// Outputs, `[moment, neuron]`, of hidden activity `[moment, hidden]`.
    pub fn decode(&self, hidden: ArrayView2<'_, f64>) -> Array2<f64> {
        hidden.dot(&self.output_weights.t()) + &self.output_bias
    }

    /// How far B is from the transpose of A: |A - B'| / |A|; not a number where there is no network.
    pub fn asymmetry(&self) -> f64 {
        let apart = &self.input_weights - &self.output_weights.t();
        (square(apart.view()) / square(self.input_weights.view())).sqrt()
    }

    /// As named arrays: `input_weights`, `output_weights`, `hidden_bias`, `output_bias`.
    pub fn to_tensors(&self) -> Tensors {
        let arrays = BTreeMap::from([
            ("input_weights".to_owned(), self.input_weights.clone().into_dyn()),
            ("output_weights".to_owned(), self.output_weights.clone().into_dyn()),
            ("hidden_bias".to_owned(), self.hidden_bias.clone().into_dyn()),
            ("output_bias".to_owned(), self.output_bias.clone().into_dyn()),
        ]);
        let metadata = BTreeMap::from([
            ("family".to_owned(), "weight-manifold".to_owned()),
            ("activation".to_owned(), kebab(self.activation)),
            (
                "orientation".to_owned(),
                "input_weights[hidden, input], output_weights[output, hidden]".to_owned(),
            ),
        ]);
        Tensors { arrays, metadata }
    }

    /// From what [`Autoencoder::to_tensors`] gave.
    ///
    /// # Errors
    /// [`Error::Tensor`] naming what is missing or does not fit.
    pub fn from_tensors(tensors: &Tensors) -> Result<Self, Error> {
        let matrix = |name: &str| {
            let array = find(tensors, name)?;
            array.into_dimensionality::<Ix2>().map_err(|_| wrong(name, "has not two axes"))
        };
        let vector = |name: &str| {
            let array = find(tensors, name)?;
            array.into_dimensionality::<Ix1>().map_err(|_| wrong(name, "has not one axis"))
        };
        let stated = tensors.metadata.get("activation").map_or("identity", String::as_str);
        let activation = serde_json::from_value(serde_json::Value::from(stated))
            .map_err(|_| wrong("activation", &format!("is `{stated}`, allowed: identity, relu, tanh")))?;
        let model = Self {
            input_weights: matrix("input_weights")?,
            output_weights: matrix("output_weights")?,
            hidden_bias: vector("hidden_bias")?,
            output_bias: vector("output_bias")?,
            activation,
        };
        let (n_hidden, n_inputs) = model.input_weights.dim();
        let fits = model.output_weights.dim() == (n_inputs, n_hidden)
            && model.hidden_bias.len() == n_hidden
            && model.output_bias.len() == n_inputs;
        if fits { Ok(model) } else { Err(wrong("output_weights", "does not fit input_weights")) }
    }
}

/// Sum of squares.
pub(super) fn square(matrix: ArrayView2<'_, f64>) -> f64 {
    matrix.iter().map(|value| value * value).sum()
}

/// Mean of squares of each column.
pub(super) fn mean_squares(matrix: ArrayView2<'_, f64>) -> Array1<f64> {
    matrix.mapv(|value| value * value).mean_axis(Axis(0)).unwrap_or_default()
}

fn find(tensors: &Tensors, name: &str) -> Result<ArrayD<f64>, Error> {
    tensors.arrays.get(name).cloned().ok_or_else(|| wrong(name, "is missing"))
}

fn wrong(name: &str, problem: &str) -> Error {
    Error::Tensor { name: name.to_owned(), problem: problem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn tensors_come_back() -> Result<(), Error> {
        let model = Autoencoder {
            input_weights: array![[1.0, 2.0]],
            output_weights: array![[0.5], [-1.0]],
            hidden_bias: array![0.25],
            output_bias: array![0.0, 1.0],
            activation: HiddenActivation::Relu,
        };
        assert_eq!(Autoencoder::from_tensors(&model.to_tensors())?, model);
        // h = relu(1*1 - 2*1 + 0.25) = 0; y = c
        let hidden = model.encode(array![[1.0, -1.0]].view());
        assert_eq!(model.decode(hidden.view()), array![[0.0, 1.0]]);
        let mut short = model.to_tensors();
        short.arrays.remove("hidden_bias");
        assert!(matches!(Autoencoder::from_tensors(&short), Err(Error::Tensor { .. })));
        Ok(())
    }
}
