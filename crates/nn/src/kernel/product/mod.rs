//! Messages through a dense weight matrix, and their gradients.
//!
//! M[frame, post] = sum_pre W[post, pre] P[frame, pre], for a batch of frames.
//! dP[frame, pre] = sum_post R[frame, post] W[post, pre] and dW[post, pre] = sum_frame R[frame, post] P[frame, pre],
//! where R = dL/dM.
//!
//! With few frames and many neurons all of this is bound by the traffic of W, not by arithmetic. So
//! [`DenseProduct::update`] reads W once for dP, for dW and for Adam, and dW never exists as a whole.
//!
//! # Examples
//! ```
//! use neuroloom_nn::kernel::product::DenseProduct;
//! let product = DenseProduct::new(2, 2);
//! let mut messages = [0.0; 2];
//! product.forward(&[0.0, 2.0, 1.0, 0.0], &[3.0, 5.0], &mut messages)?;
//! assert_eq!(messages, [10.0, 3.0]);
//! # Ok::<(), neuroloom_nn::Error>(())
//! ```

mod backward;
mod forward;
mod sink;

use pulp::Arch;

pub use self::sink::{Diagonal, Penalty, WeightUpdate};
use self::sink::{Discard, Store};
use crate::Error;
use crate::error::check_length;

/// The shape of W `[post, pre]`; the numbers are the caller's.
#[derive(Debug, Clone, Copy)]
pub struct DenseProduct {
    n_post: usize,
    n_pre: usize,
    arch: Arch,
}

/// The two factors of the gradient of W, for a batch of frames.
#[derive(Debug, Clone, Copy)]
pub struct Outer<'a> {
    /// R = dL/dM, `[frame, post]`.
    pub message_gradients: &'a [f32],
    /// P, `[frame, pre]`.
    pub senders: &'a [f32],
}

impl DenseProduct {
    /// A product with W `[n_post, n_pre]`.
    pub fn new(n_post: usize, n_pre: usize) -> Self {
        Self { n_post, n_pre, arch: Arch::new() }
    }

    /// The same on a lower instruction set.
    #[cfg(test)]
    pub(super) fn at(self, arch: Arch) -> Self {
        Self { arch, ..self }
    }

    /// Rows of W.
    pub fn n_post(&self) -> usize {
        self.n_post
    }

    /// Columns of W.
    pub fn n_pre(&self) -> usize {
        self.n_pre
    }

    /// M = P W'.
    ///
    /// # Shapes
    /// `weights [post, pre]`, `senders [frame, pre]`, `messages [frame, post]`.
    ///
    /// # Errors
    /// [`Error::Length`] if an array does not fit.
    pub fn forward(&self, weights: &[f32], senders: &[f32], messages: &mut [f32]) -> Result<(), Error> {
        let n_frames = self.n_frames(senders)?;
        check_length("weights", weights.len(), self.n_post * self.n_pre)?;
        check_length("messages", messages.len(), n_frames * self.n_post)?;
        forward::run(self, weights, senders, messages);
        Ok(())
    }

    /// dP = R W.
    ///
    /// # Shapes
    /// `weights [post, pre]`, `message_gradients [frame, post]`, `sender_gradients [frame, pre]` (written).
    ///
    /// # Errors
    /// [`Error::Length`] if an array does not fit.
    pub fn backward_senders(
        &self,
        weights: &[f32],
        message_gradients: &[f32],
        sender_gradients: &mut [f32],
    ) -> Result<(), Error> {
        check_length("weights", weights.len(), self.n_post * self.n_pre)?;
        let n_frames = self.n_frames(sender_gradients)?;
        check_length("message gradients", message_gradients.len(), n_frames * self.n_post)?;
        let sinks = self.row_chunks(weights).map(|weights| Discard { weights });
        backward::run(self, message_gradients, &[], sinks.collect(), Some(sender_gradients));
        Ok(())
    }

    /// dW += R' P.
    ///
    /// # Shapes
    /// `weight_gradients [post, pre]` (added to).
    ///
    /// # Errors
    /// [`Error::Length`] if an array does not fit.
    pub fn backward_weights(&self, outer: Outer<'_>, weight_gradients: &mut [f32]) -> Result<(), Error> {
        self.check_outer(outer)?;
        check_length("weight gradients", weight_gradients.len(), self.n_post * self.n_pre)?;
        let length = backward::chunk_rows(self) * self.n_pre;
        let sinks = weight_gradients.chunks_mut(length.max(1)).map(|gradients| Store { gradients });
        backward::run(self, outer.message_gradients, outer.senders, sinks.collect(), None);
        Ok(())
    }

    /// One Adam step on W with the gradient R'P, and dP = R W for W **before** the step, in one pass over W.
    ///
    /// # Shapes
    /// `sender_gradients [frame, pre]` (written), if asked for.
    ///
    /// # Errors
    /// [`Error::Length`] if an array does not fit.
    pub fn update(
        &self,
        outer: Outer<'_>,
        update: WeightUpdate<'_>,
        sender_gradients: Option<&mut [f32]>,
    ) -> Result<(), Error> {
        self.check_outer(outer)?;
        if let Some(gradients) = &sender_gradients {
            check_length("sender gradients", gradients.len(), outer.senders.len())?;
        }
        update.check(self.n_post * self.n_pre)?;
        let sinks = update.split(backward::chunk_rows(self), self.n_pre);
        backward::run(self, outer.message_gradients, outer.senders, sinks, sender_gradients);
        Ok(())
    }

    fn row_chunks<'a>(&self, weights: &'a [f32]) -> impl Iterator<Item = &'a [f32]> + use<'a> {
        weights.chunks((backward::chunk_rows(self) * self.n_pre).max(1))
    }

    fn check_outer(&self, outer: Outer<'_>) -> Result<(), Error> {
        let n_frames = self.n_frames(outer.senders)?;
        check_length("message gradients", outer.message_gradients.len(), n_frames * self.n_post)
    }

    fn n_frames(&self, senders: &[f32]) -> Result<usize, Error> {
        let n_frames = senders.len() / self.n_pre.max(1);
        check_length("senders", senders.len(), n_frames * self.n_pre)?;
        Ok(n_frames)
    }
}
