//! A node MLP as a Burn module.

use std::sync::Arc;

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};

use crate::Error;
use crate::error::check_length;
use crate::kernel;
use crate::op::{Route, node_mlp};

/// An MLP applied to every row of a table.
///
/// All weights and biases are one tensor, in the order of [`kernel::NodeMlp`]: one fused optimiser step serves
/// them all.
#[derive(Module, Debug)]
pub struct NodeMlp {
    /// Weights `[in, out]`, then biases `[out]`, layer after layer.
    pub parameters: Param<Tensor<1>>,
    #[module(skip)]
    shape: Arc<kernel::NodeMlp>,
    #[module(skip)]
    route: Route,
}

impl NodeMlp {
    /// An MLP with these parameters; a device with autodiff makes it trainable.
    ///
    /// # Errors
    /// [`Error::Length`] if the parameters do not fit the shape.
    pub fn new(shape: kernel::NodeMlp, parameters: &[f32], device: &Device) -> Result<Self, Error> {
        check_length("parameters of an MLP", parameters.len(), shape.n_parameters())?;
        let data = TensorData::new(parameters.to_vec(), [parameters.len()]);
        let parameters = Param::from_data(data, device);
        Ok(Self { parameters, shape: Arc::new(shape), route: Route::Fused })
    }

    /// The same by another route.
    pub fn with_route(self, route: Route) -> Self {
        Self { route, ..self }
    }

    /// Widths and activation.
    pub fn shape(&self) -> &kernel::NodeMlp {
        &self.shape
    }

    /// y = MLP(x) for every row.
    ///
    /// # Shapes
    /// `inputs [rows, in]`, result `[rows, out]`.
    ///
    /// # Errors
    /// [`Error::Length`] if the inputs do not fit.
    pub fn forward(&self, inputs: Tensor<2>) -> Result<Tensor<2>, Error> {
        match self.route {
            Route::Fused => node_mlp::forward(&self.shape, self.parameters.val(), inputs),
            Route::Composed => node_mlp::composed(&self.shape, self.parameters.val(), inputs),
        }
    }
}
