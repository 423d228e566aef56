//! A network on every pair of rows: logits of the four states of a dyad, their likelihood and its gradient, fused.
//!
//! For rows i and j with the heads `(P, Q, q, k, s, t)` that the caller's network gave them,
//!
//! ```text
//! h1(i, j) = gelu(P_i + Q_j + sum_m T_m[place_m(i, j)])          T_m: a table, read between two of its rows
//! h2(i, j) = gelu(h1 A + b)
//! a(i, j)  = w_a h2(i, j) + q_i k_j / sqrt(rank) + s_i + t_j     log odds of i -> j without j -> i
//! r(i, j)  = w_r h2(i, j)                                        log odds ratio of the two directions, one half
//! m(i, j)  = w_m h2(i, j)                                        of the strength of an edge
//! logits of (none, i -> j, j -> i, both) = (0, a(i,j), a(j,i), a(i,j) + a(j,i) + r(i,j) + r(j,i))
//! ```
//!
//! so that swapping i and j swaps the two one-way states and nothing else. About a hundred ordered pairs go
//! through all layers while they stay in the first caches, and the backward pass computes them again: nothing of
//! the size of pairs times width is stored. A call runs in one thread; run circuits side by side.
//!
//! # Examples
//! ```
//! use neuroloom_nn::kernel::dyad::{DyadNet, DyadShape, PairRow, Pairs};
//! struct Blind;
//! impl Pairs for Blind {
//!     fn places(&self, _: usize, _: &mut [f32]) {}
//!     fn observed(&self, _: usize, row: PairRow<'_>) {
//!         row.compatible.fill(0b0001); // no edge anywhere
//!     }
//! }
//! let net = DyadNet::new(DyadShape { first: 16, second: 16, rank: 16, tables: vec![] })?;
//! let (parameters, heads) = (vec![0.0; net.n_parameters()], vec![0.0; 3 * net.head_width()]);
//! let mut logits = vec![[1.0; 5]; 3];
//! net.forward(&parameters, &heads, &Blind, &mut logits)?;
//! assert_eq!(logits, [[0.0; 5]; 3]); // every state as likely as the others
//! # Ok::<(), neuroloom_nn::Error>(())
//! ```

mod backward;
mod likelihood;
mod tile;

use std::ops::Range;

use pulp::Arch;

use self::backward::Backward;
use self::tile::Forward;
use super::tile::LANES;
use crate::Error;
use crate::error::check_length;

pub use self::likelihood::{COMPATIBLE_BOTH_WAYS, compatible_states, state_probabilities};

/// Numbers the network gives for a pair and direction: a, r and m.
const OUTPUTS: usize = 3;

/// Widths of the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DyadShape {
    /// Units of the first layer, a multiple of 16.
    pub first: usize,
    /// Units of the second layer, a multiple of 16.
    pub second: usize,
    /// Numbers in the vectors q and k, a multiple of 16.
    pub rank: usize,
    /// Rows of each table of pair features, 2 or more.
    pub tables: Vec<usize>,
}

/// What the caller knows of the pairs of a row.
pub trait Pairs: Sync {
    /// Fills `[j, direction, table]` for j = i + 1 .. n: the place in each table, 0 to its rows less 1, of the ordered
    /// pairs (i, j) and (j, i).
    fn places(&self, i: usize, into: &mut [f32]);

    /// Fills what was observed of the pairs (i, j), j = i + 1 .. n.
    fn observed(&self, i: usize, into: PairRow<'_>);
}

/// What was observed of the pairs (i, j) for j = i + 1 .. n.
#[derive(Debug)]
pub struct PairRow<'a> {
    /// Bit k: state k of (none, i -> j, j -> i, both) agrees with what was observed; `0b1111` = nothing was.
    pub compatible: &'a mut [u8],
    /// Strengths (synapses) of i -> j and j -> i, at least 1; 0 = no edge, or not to be learned from.
    pub strength: &'a mut [[f32; 2]],
}

/// Factors of the two parts of the loss.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DyadScale {
    /// Of the negative log-likelihood of the states.
    pub states: f32,
    /// Of the negative log-likelihood of the strengths.
    pub strengths: f32,
}

/// Where [`DyadNet::backward`] **adds** gradients.
#[derive(Debug)]
pub struct DyadGradients<'a> {
    /// Of the parameters of the network.
    pub parameters: &'a mut [f32],
    /// Of the heads `[rows, head width]`.
    pub heads: &'a mut [f32],
}

/// Negative log-likelihoods in nats, without their factors.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct DyadLoss {
    /// Of the states of all pairs of which something was observed.
    pub states: f64,
    /// Of the strengths of all edges, by the geometric distribution on 1, 2, ... with success probability
    /// sigmoid(m).
    pub strengths: f64,
}

/// The network on pairs; its parameters are the caller's: tables `[rows, first]`, A `[first, second]`, b `[second]`,
/// w `[3, second]`, biases `[3]`.
#[derive(Debug, Clone)]
pub struct DyadNet {
    shape: DyadShape,
    arch: Arch,
}

/// Where things are in the parameters.
#[derive(Debug, Clone)]
struct Places {
    tables: Vec<Range<usize>>,
    weight: Range<usize>,
    bias: Range<usize>,
    out: Range<usize>,
    out_bias: Range<usize>,
}

/// Where things are in a row of heads.
#[derive(Debug, Clone, Copy)]
struct Heads {
    first: usize,
    rank: usize,
}

impl Heads {
    fn width(self) -> usize {
        2 * (self.first + self.rank) + 2
    }
    fn sender(self) -> Range<usize> {
        0..self.first
    }
    fn receiver(self) -> Range<usize> {
        self.first..2 * self.first
    }
    fn query(self) -> Range<usize> {
        2 * self.first..2 * self.first + self.rank
    }
    fn key(self) -> Range<usize> {
        2 * self.first + self.rank..2 * (self.first + self.rank)
    }
    fn out(self) -> usize {
        2 * (self.first + self.rank)
    }
    fn into(self) -> usize {
        self.out() + 1
    }
}

impl DyadNet {
    /// A network of this shape.
    ///
    /// # Errors
    /// [`Error::Value`] for a width that is no multiple of 16 or a table of fewer than two rows.
    pub fn new(shape: DyadShape) -> Result<Self, Error> {
        let widths = [shape.first, shape.second, shape.rank];
        if widths.iter().any(|width| *width == 0 || !width.is_multiple_of(LANES)) {
            let given = format!("{widths:?}");
            return Err(Error::Value { what: "widths of a dyad network", given, allowed: "multiples of 16" });
        }
        if let Some(rows) = shape.tables.iter().find(|rows| **rows < 2) {
            let given = rows.to_string();
            return Err(Error::Value { what: "rows of a table of pairs", given, allowed: "2 or more" });
        }
        Ok(Self { shape, arch: Arch::new() })
    }

    /// The same on another instruction set.
    #[cfg(test)]
    pub(super) fn at(self, arch: Arch) -> Self {
        Self { arch, ..self }
    }

    /// Its widths.
    pub fn shape(&self) -> &DyadShape {
        &self.shape
    }

    /// Number of parameters.
    pub fn n_parameters(&self) -> usize {
        self.parameter_places().out_bias.end
    }

    /// Numbers in a row of heads: P, Q, q, k, s, t.
    pub fn head_width(&self) -> usize {
        self.heads().width()
    }

    /// Where the tables are in the parameters, one after the other.
    pub fn tables(&self) -> Range<usize> {
        0..self.parameter_places().weight.start
    }

    /// Where the matrix A is in the parameters.
    pub fn weight(&self) -> Range<usize> {
        self.parameter_places().weight
    }

    /// Where the output weights w are in the parameters.
    pub fn output_weight(&self) -> Range<usize> {
        self.parameter_places().out
    }

    /// Where the biases of a, r and m are in the parameters.
    pub fn output_bias(&self) -> Range<usize> {
        self.parameter_places().out_bias
    }

    /// `(a(i,j), a(j,i), r(i,j) + r(j,i), m(i,j), m(j,i))` of every pair i < j, row after row.
    ///
    /// # Errors
    /// [`Error::Length`] if an array does not fit.
    pub fn forward(
        &self,
        parameters: &[f32],
        heads: &[f32],
        pairs: &impl Pairs,
        logits: &mut [[f32; 5]],
    ) -> Result<(), Error> {
        let n = self.check(parameters, heads)?;
        check_length("logits of pairs", logits.len(), n * n.saturating_sub(1) / 2)?;
        self.arch.dispatch(Forward { net: self, parameters, heads, pairs, logits, n });
        Ok(())
    }

    /// The loss, and its gradients added to `gradients`.
    ///
    /// # Errors
    /// [`Error::Length`] if an array does not fit.
    pub fn backward(
        &self,
        (parameters, heads): (&[f32], &[f32]),
        pairs: &impl Pairs,
        scale: DyadScale,
        gradients: DyadGradients<'_>,
    ) -> Result<DyadLoss, Error> {
        let n = self.check(parameters, heads)?;
        check_length("parameter gradients of pairs", gradients.parameters.len(), parameters.len())?;
        check_length("head gradients of pairs", gradients.heads.len(), heads.len())?;
        Ok(self.arch.dispatch(Backward { net: self, parameters, heads, pairs, scale, gradients, n }))
    }

    fn check(&self, parameters: &[f32], heads: &[f32]) -> Result<usize, Error> {
        check_length("parameters of a dyad network", parameters.len(), self.n_parameters())?;
        let n = heads.len() / self.head_width();
        check_length("heads of rows", heads.len(), n * self.head_width())?;
        Ok(n)
    }

    fn heads(&self) -> Heads {
        Heads { first: self.shape.first, rank: self.shape.rank }
    }

    fn parameter_places(&self) -> Places {
        let (first, second) = (self.shape.first, self.shape.second);
        let mut start = 0;
        let mut take = |length: usize| {
            start += length;
            start - length..start
        };
        Places {
            tables: self.shape.tables.iter().map(|rows| take(rows * first)).collect(),
            weight: take(first * second),
            bias: take(second),
            out: take(OUTPUTS * second),
            out_bias: take(OUTPUTS),
        }
    }
}
