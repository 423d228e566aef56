//! Which weights exist, how they are stored, and what is allowed of them.

use std::ops::Range;

use ndarray::Array2;

use super::config::{Signs, Wiring};
use crate::Error;

/// What is known about the wiring beforehand, such as from a connectome.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownWiring {
    /// Edges that may exist, `[post, pre]`; the diagonal is ignored.
    pub allowed: Array2<bool>,
    /// Their signs, `[post, pre]`: +1, -1, or 0 where unknown.
    pub sign: Array2<i8>,
}

impl KnownWiring {
    /// Only some neurons.
    pub(in crate::mechanism) fn select(&self, kept: &[usize]) -> Result<Self, Error> {
        let n = self.allowed.nrows();
        if let Some(&neuron) = kept.iter().find(|&&neuron| neuron >= n) {
            return Err(Error::Mismatch { what: "the known wiring", given: n, expected: neuron + 1 });
        }
        let pick = |axis: usize| ndarray::Axis(axis);
        Ok(Self {
            allowed: self.allowed.select(pick(0), kept).select(pick(1), kept),
            sign: self.sign.select(pick(0), kept).select(pick(1), kept),
        })
    }
}

/// The layout of W: all pairs, row-major, or the edges of each receiver in compressed rows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Edges {
    pub(super) n: usize,
    layout: Layout,
    /// 0 where a weight must stay 0, else 1; only for `Masked`.
    mask: Option<Vec<f32>>,
    /// One a stored weight, where signs are given.
    sign: Option<Vec<i8>>,
    dale: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum Layout {
    Dense,
    Sparse { start: Vec<usize>, sender: Vec<u32> },
}

impl Edges {
    /// The layout that the settings ask for.
    pub(super) fn new(
        n: usize,
        (wiring, signs): (Wiring, Signs),
        known: Option<&KnownWiring>,
    ) -> Result<Self, Error> {
        let needed = wiring != Wiring::Dense || signs == Signs::Given;
        let known = match (needed, known) {
            (false, _) => None,
            (true, Some(known)) => Some(checked(known, n)?),
            (true, None) => {
                return Err(Error::Config {
                    key: if wiring == Wiring::Dense { "signs" } else { "wiring" },
                    given: "a connectome, but none is given".to_owned(),
                    allowed: "`dense` and `free`, or a connectome (`--connectome`)".to_owned(),
                });
            }
        };
        let layout = match (wiring, known) {
            (Wiring::Sparse, Some(known)) => sparse(&known.allowed),
            _ => Layout::Dense,
        };
        let mut edges = Self { n, layout, mask: None, sign: None, dale: signs == Signs::Dale };
        if let (Wiring::Masked, Some(known)) = (wiring, known) {
            edges.mask = Some(edges.stored(|post, pre| f32::from(u8::from(known.allowed[[post, pre]]))));
        }
        if let (Signs::Given, Some(known)) = (signs, known) {
            edges.sign = Some(edges.stored(|post, pre| known.sign[[post, pre]]));
        }
        Ok(edges)
    }

    /// Number of stored weights.
    pub(super) fn len(&self) -> usize {
        match &self.layout {
            Layout::Dense => self.n * self.n,
            Layout::Sparse { sender, .. } => sender.len(),
        }
    }

    /// Where the weights of a receiver are stored.
    pub(super) fn row(&self, post: usize) -> Range<usize> {
        match &self.layout {
            Layout::Dense => post * self.n..(post + 1) * self.n,
            Layout::Sparse { start, .. } => start[post]..start[post + 1],
        }
    }

    /// Whether all pairs are stored.
    pub(super) fn is_dense(&self) -> bool {
        self.layout == Layout::Dense
    }

    /// 0 where a stored weight must stay 0.
    pub(super) fn mask(&self) -> Option<&[f32]> {
        self.mask.as_deref()
    }

    /// Places and senders of the weights of a receiver that may differ from 0.
    pub(super) fn incoming(&self, post: usize) -> Vec<(usize, u32)> {
        let row = self.row(post);
        match &self.layout {
            Layout::Sparse { sender, .. } => row.map(|place| (place, sender[place])).collect(),
            Layout::Dense => {
                let may = |place: &usize| self.mask.as_ref().is_none_or(|mask| mask[*place] > 0.0);
                let first = row.start;
                let pairs = row.filter(may).map(|place| (place, (place - first) as u32));
                pairs.filter(|&(_, pre)| pre as usize != post).collect()
            }
        }
    }

    /// Sets to 0 what must be 0 and what has a forbidden sign.
    pub(super) fn constrain(&self, weights: &mut [f32], dale_sign: Option<&[i8]>) {
        if let Some(sign) = &self.sign {
            weights.iter_mut().zip(sign).for_each(|(weight, &sign)| clamp(weight, sign));
        }
        if let Some(sign) = dale_sign {
            self.for_each(|place, _, pre| clamp(&mut weights[place], sign[pre]));
        }
        if let Some(mask) = &self.mask {
            weights.iter_mut().zip(mask).for_each(|(weight, mask)| *weight *= mask);
        }
        if self.is_dense() {
            (0..self.n).for_each(|one| weights[one * (self.n + 1)] = 0.0);
        }
    }

    /// The sign of the sum of each neuron's outgoing weights, where Dale's law is asked for.
    pub(super) fn dale_signs(&self, weights: &[f32]) -> Option<Vec<i8>> {
        if !self.dale {
            return None;
        }
        let mut sum = vec![0.0_f64; self.n];
        self.for_each(|place, _, pre| sum[pre] += f64::from(weights[place]));
        Some(sum.iter().map(|&sum| if sum < 0.0 { -1 } else { 1 }).collect())
    }

    /// Visits every stored weight: its place, receiver and sender.
    pub(super) fn for_each(&self, mut visit: impl FnMut(usize, usize, usize)) {
        for post in 0..self.n {
            let row = self.row(post);
            let first = row.start;
            for place in row {
                let pre = match &self.layout {
                    Layout::Dense => place - first,
                    Layout::Sparse { sender, .. } => sender[place] as usize,
                };
                visit(place, post, pre);
            }
        }
    }

    /// W as a matrix.
    pub(super) fn matrix(&self, weights: &[f32]) -> Array2<f64> {
        let mut matrix = Array2::zeros((self.n, self.n));
        self.for_each(|place, post, pre| matrix[[post, pre]] = f64::from(weights[place]));
        matrix
    }

    /// One value a stored weight.
    pub(super) fn stored<T>(&self, of: impl Fn(usize, usize) -> T) -> Vec<T> {
        let mut values = Vec::with_capacity(self.len());
        self.for_each(|_, post, pre| values.push(of(post, pre)));
        values
    }
}

fn clamp(weight: &mut f32, sign: i8) {
    if *weight * f32::from(sign) < 0.0 {
        *weight = 0.0;
    }
}

fn checked(known: &KnownWiring, n: usize) -> Result<&KnownWiring, Error> {
    for (what, given) in [("the allowed edges", known.allowed.dim()), ("the signs", known.sign.dim())] {
        if given != (n, n) {
            return Err(Error::Mismatch { what, given: given.0, expected: n });
        }
    }
    Ok(known)
}

fn sparse(allowed: &Array2<bool>) -> Layout {
    let mut start = vec![0];
    let mut sender = Vec::new();
    for (post, row) in allowed.rows().into_iter().enumerate() {
        sender.extend((0..row.len()).filter(|&pre| row[pre] && pre != post).map(|pre| pre as u32));
        start.push(sender.len());
    }
    Layout::Sparse { start, sender }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> KnownWiring {
        KnownWiring {
            allowed: ndarray::array![[true, true, false], [false, false, true], [true, true, true]],
            sign: ndarray::array![[0, 1, 0], [0, 0, -1], [0, 0, 0]],
        }
    }

    #[test]
    fn compressed_rows_hold_the_allowed_edges_without_the_diagonal() {
        let edges = Edges::new(3, (Wiring::Sparse, Signs::Given), Some(&known())).unwrap();
        // Row 0: from 1; row 1: from 2; row 2: from 0 and 1.
        assert_eq!(edges.len(), 4);
        let matrix = edges.matrix(&[1.0, 2.0, 3.0, 4.0]);
        assert_eq!(matrix, ndarray::array![[0.0, 1.0, 0.0], [0.0, 0.0, 2.0], [3.0, 4.0, 0.0]]);
        let mut weights = vec![-1.0, -2.0, -3.0, 4.0];
        edges.constrain(&mut weights, None);
        assert_eq!(weights, [0.0, -2.0, -3.0, 4.0]);
    }

    #[test]
    fn masked_weights_and_the_diagonal_stay_zero() {
        let edges = Edges::new(3, (Wiring::Masked, Signs::Dale), Some(&known())).unwrap();
        let mut weights = vec![1.0, -2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0];
        let signs = edges.dale_signs(&weights).unwrap();
        assert_eq!(signs, [1, 1, 1]);
        edges.constrain(&mut weights, Some(&signs));
        assert_eq!(weights, [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0]);
        assert_eq!(edges.incoming(0), [(1, 1)]);
    }

    #[test]
    fn a_mask_that_is_missing_or_of_another_size_is_refused() {
        assert!(Edges::new(3, (Wiring::Masked, Signs::Free), None).is_err());
        assert!(Edges::new(4, (Wiring::Sparse, Signs::Free), Some(&known())).is_err());
        assert!(Edges::new(3, (Wiring::Dense, Signs::Given), None).is_err());
    }
}
