//! A weight matrix as a Burn module.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};

use crate::Error;
use crate::error::check_length;
use crate::kernel::product::Diagonal;
use crate::op::{Route, product};

/// W `[post, pre]`, dense or held at 0 where a mask says so.
#[derive(Module, Debug)]
pub struct Weights {
    /// W `[post, pre]`.
    pub weights: Param<Tensor<2>>,
    /// 1 where a weight is free, 0 where it is held at 0.
    #[module(skip)]
    mask: Option<Tensor<2>>,
    #[module(skip)]
    diagonal: Diagonal,
    #[module(skip)]
    route: Route,
}

impl Weights {
    /// Weights `[n_post, n_pre]`; a device with autodiff makes them trainable.
    ///
    /// What the diagonal must be, it becomes here.
    ///
    /// # Errors
    /// [`Error::Length`] if there are more or fewer weights than pairs.
    pub fn new(
        weights: &[f32],
        [n_post, n_pre]: [usize; 2],
        diagonal: Diagonal,
        device: &Device,
    ) -> Result<Self, Error> {
        check_length("weights", weights.len(), n_post * n_pre)?;
        let mut weights = weights.to_vec();
        if diagonal == Diagonal::Zero {
            weights.iter_mut().step_by(n_pre + 1).take(n_pre).for_each(|weight| *weight = 0.0);
        }
        let weights = Param::from_data(TensorData::new(weights, [n_post, n_pre]), device);
        Ok(Self { weights, mask: None, diagonal, route: Route::Fused })
    }

    /// Holds weights at 0 where the mask is 0; where it is 1 they are free.
    ///
    /// # Errors
    /// [`Error::Length`] if the mask has another number of entries than W.
    pub fn with_mask(mut self, mask: &[f32]) -> Result<Self, Error> {
        let shape = self.weights.val().dims();
        check_length("mask of the weights", mask.len(), shape[0] * shape[1])?;
        let device = self.weights.val().device().inner();
        let mask = Tensor::from_data(TensorData::new(mask.to_vec(), shape), &device);
        self.weights = self.weights.map(|weights| {
            let autodiff = weights.device();
            let held = weights.inner() * mask.clone();
            if autodiff.is_autodiff() { Tensor::from_inner(held).require_grad() } else { held }
        });
        self.mask = Some(mask);
        Ok(self)
    }

    /// The same by another route.
    pub fn with_route(self, route: Route) -> Self {
        Self { route, ..self }
    }

    /// M = P W'.
    ///
    /// # Shapes
    /// `senders [frame, pre]`, result `[frame, post]`.
    ///
    /// # Errors
    /// [`Error::Length`] if the senders do not fit.
    pub fn forward(&self, senders: Tensor<2>) -> Result<Tensor<2>, Error> {
        let mut weights = self.weights.val();
        if let Some(mask) = &self.mask {
            let mask =
                if weights.device().is_autodiff() { Tensor::from_inner(mask.clone()) } else { mask.clone() };
            weights = weights * mask;
        }
        match self.route {
            Route::Fused => product::forward(weights, senders, self.diagonal),
            Route::Composed => product::composed(weights, senders, self.diagonal),
        }
    }
}
