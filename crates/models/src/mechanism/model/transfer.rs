//! psi: what a neuron's activity is to others; one function, or one for each pair of classes.

use neuroloom_analysis::spline::{Beyond, CubicBasis, CubicCurve};
use serde::{Deserialize, Serialize};

use crate::Error;

/// psi of one pair of classes. psi(0) = 0, max |psi| = 1 on the recorded range, positive at its right end.
#[derive(Debug, Clone, PartialEq)]
pub struct TransferFunction {
    /// Knots of the cubic B-spline, ascending, dense near 0.
    pub knots: Vec<f64>,
    /// One coefficient a basis function (`knots + 2`).
    pub coefficients: Vec<f64>,
}

impl TransferFunction {
    /// psi as a fast piecewise cubic, constant beyond its knots.
    ///
    /// # Errors
    /// [`Error::Analysis`] if the knots or coefficients do not describe a spline.
    pub fn curve(&self) -> Result<CubicCurve, Error> {
        Ok(CubicBasis::new(self.knots.clone())?.curve(&self.coefficients, Beyond::Constant)?)
    }
}

/// Whose class shapes psi.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransferKind {
    /// psi(x_j): one function for all.
    #[default]
    Shared,
    /// psi(a_j, x_j): one function for each class of senders.
    Sender,
    /// psi(a_i, x_j): one function for each class of receivers.
    Receiver,
    /// psi(a_i, a_j, x_j): one function for each pair of classes.
    General,
}

/// psi_kl(x): what the activity of a sender of class l is to a receiver of class k.
///
/// # Examples
/// ```
/// use neuroloom_models::mechanism::{TransferFunction, TransferFunctions, TransferKind};
/// let line = TransferFunction { knots: vec![-1.0, 0.0, 1.0], coefficients: vec![-1.0, -0.7, 0.0, 0.7, 1.0] };
/// let transfer = TransferFunctions::shared(line, 5);
/// assert_eq!(transfer.kind(), TransferKind::Shared);
/// assert_eq!(transfer.pair(4, 0), &transfer.functions[0]);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TransferFunctions {
    /// psi_kl at place `k * n_sender_classes + l`.
    pub functions: Vec<TransferFunction>,
    /// Class of each neuron as a receiver.
    pub receiver_class: Vec<u32>,
    /// Class of each neuron as a sender.
    pub sender_class: Vec<u32>,
    /// Number of classes of senders.
    pub n_sender_classes: usize,
}

impl TransferFunctions {
    /// One function for all of `n` neurons.
    pub fn shared(function: TransferFunction, n: usize) -> Self {
        Self {
            functions: vec![function],
            receiver_class: vec![0; n],
            sender_class: vec![0; n],
            n_sender_classes: 1,
        }
    }

    /// Number of classes of receivers.
    pub fn n_receiver_classes(&self) -> usize {
        self.functions.len() / self.n_sender_classes.max(1)
    }

    /// Whose class shapes psi.
    pub fn kind(&self) -> TransferKind {
        match (self.n_receiver_classes(), self.n_sender_classes) {
            (0 | 1, 0 | 1) => TransferKind::Shared,
            (0 | 1, _) => TransferKind::Sender,
            (_, 0 | 1) => TransferKind::Receiver,
            _ => TransferKind::General,
        }
    }

    /// Place in `functions` of a pair of neurons.
    pub fn place(&self, post: usize, pre: usize) -> usize {
        self.receiver_class[post] as usize * self.n_sender_classes + self.sender_class[pre] as usize
    }

    /// psi of a pair of neurons.
    pub fn pair(&self, post: usize, pre: usize) -> &TransferFunction {
        &self.functions[self.place(post, pre)]
    }

    /// Name of the function at a place: `psi`, or the classes that it connects, numbered from 1.
    pub fn name(&self, place: usize) -> String {
        let (receiver, sender) = (place / self.n_sender_classes + 1, place % self.n_sender_classes + 1);
        match self.kind() {
            TransferKind::Shared => "psi".to_owned(),
            TransferKind::Sender => format!("from class {sender}"),
            TransferKind::Receiver => format!("to class {receiver}"),
            TransferKind::General => format!("from class {sender} to class {receiver}"),
        }
    }

    /// The same functions for other neurons: those at `places`, in that order.
    pub fn select(&self, places: &[usize]) -> Self {
        let of = |classes: &[u32]| places.iter().map(|&one| classes[one]).collect();
        Self {
            receiver_class: of(&self.receiver_class),
            sender_class: of(&self.sender_class),
            ..self.clone()
        }
    }

    /// All functions as fast piecewise cubics, in the order of `functions`.
    ///
    /// # Errors
    /// [`Error::Analysis`] if a spline is malformed.
    pub fn curves(&self) -> Result<Vec<CubicCurve>, Error> {
        self.functions.iter().map(TransferFunction::curve).collect()
    }
}
