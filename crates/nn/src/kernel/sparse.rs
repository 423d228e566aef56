//! Messages along a list of edges (compressed sparse rows), and their gradients.
//!
//! M[frame, post] = sum over edges e into post of w_e P[frame, pre_e];
//! dw_e = sum_frame R[frame, post_e] P[frame, pre_e]; dP[frame, pre] = sum over edges e out of pre of w_e R[frame, post_e].
//!
//! Frames are turned innermost first, so that an edge reads and writes whole vectors. The edges sorted by
//! sender, needed for dP, are found once: every sum has one owner, so bytes do not depend on threads.
//!
//! # Examples
//! ```
//! use neuroloom_nn::kernel::sparse::SparseProduct;
//! // two receivers: the first hears senders 0 and 2, the second sender 1
//! let edges = SparseProduct::new(&[0, 2, 3], &[0, 2, 1], 3)?;
//! let mut messages = [0.0; 2];
//! edges.forward(&[1.0, 10.0, 100.0], &[1.0, 2.0, 3.0], &mut messages)?;
//! assert_eq!(messages, [31.0, 200.0]);
//! # Ok::<(), neuroloom_nn::Error>(())
//! ```

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::product::Outer;
use super::tile::padded;
use crate::Error;
use crate::error::check_length;

/// Rows of one piece of work.
const CHUNK_ROWS: usize = 64;

/// Edges sorted by receiver, and the same edges sorted by sender.
#[derive(Debug, Clone)]
pub struct SparseProduct {
    by_post: Lists,
    by_pre: Lists,
    /// Receiver of each edge, in the caller's order.
    posts: Vec<u32>,
    arch: Arch,
}

/// For each row a list of (other end, position of the weight).
#[derive(Debug, Clone)]
struct Lists {
    starts: Vec<usize>,
    ends: Vec<u32>,
    edges: Vec<u32>,
}

impl Lists {
    fn n_rows(&self) -> usize {
        self.starts.len() - 1
    }
}

impl SparseProduct {
    /// Edges in CSR order: receiver i hears the senders `pres[row_starts[i]..row_starts[i + 1]]`.
    ///
    /// # Errors
    /// [`Error::RowStarts`] unless the row starts ascend from 0 to the number of edges, [`Error::Index`] for a
    /// sender that is not below `n_pre`.
    pub fn new(row_starts: &[usize], pres: &[u32], n_pre: usize) -> Result<Self, Error> {
        check_starts(row_starts, pres.len())?;
        if let Some(position) = pres.iter().position(|pre| *pre as usize >= n_pre) {
            let given = pres[position] as usize;
            return Err(Error::Index { what: "senders of edges", position, given, n: n_pre });
        }
        let n_edges = u32::try_from(pres.len()).map_err(|_| Error::Value {
            what: "number of edges",
            given: pres.len().to_string(),
            allowed: "below 2^32",
        })?;
        let mut posts = vec![0; pres.len()];
        for (post, ends) in row_starts.windows(2).enumerate() {
            posts[ends[0]..ends[1]].fill(post as u32);
        }
        let by_post =
            Lists { starts: row_starts.to_vec(), ends: pres.to_vec(), edges: (0..n_edges).collect() };
        Ok(Self { by_pre: turned(pres, &posts, n_pre), by_post, posts, arch: Arch::new() })
    }

    /// The same on a lower instruction set.
    #[cfg(test)]
    pub(super) fn at(self, arch: Arch) -> Self {
        Self { arch, ..self }
    }

    /// Number of edges.
    pub fn n_edges(&self) -> usize {
        self.posts.len()
    }

    /// Number of receivers.
    pub fn n_post(&self) -> usize {
        self.by_post.n_rows()
    }

    /// Number of senders.
    pub fn n_pre(&self) -> usize {
        self.by_pre.n_rows()
    }

    /// M from P.
    ///
    /// # Shapes
    /// `weights [edge]`, `senders [frame, pre]`, `messages [frame, post]`.
    ///
    /// # Errors
    /// [`Error::Length`] if an array does not fit.
    pub fn forward(&self, weights: &[f32], senders: &[f32], messages: &mut [f32]) -> Result<(), Error> {
        check_length("weights of edges", weights.len(), self.n_edges())?;
        let n_frames = n_frames("senders", senders, self.n_pre())?;
        check_length("messages", messages.len(), n_frames * self.n_post())?;
        self.sum(&self.by_post, weights, frames_last(senders, self.n_pre()), messages);
        Ok(())
    }

    /// dP from R.
    ///
    /// # Shapes
    /// `weights [edge]`, `message_gradients [frame, post]`, `sender_gradients [frame, pre]` (written).
    ///
    /// # Errors
    /// [`Error::Length`] if an array does not fit.
    pub fn backward_senders(
        &self,
        weights: &[f32],
        message_gradients: &[f32],
        sender_gradients: &mut [f32],
    ) -> Result<(), Error> {
        check_length("weights of edges", weights.len(), self.n_edges())?;
        let n_frames = n_frames("message gradients", message_gradients, self.n_post())?;
        check_length("sender gradients", sender_gradients.len(), n_frames * self.n_pre())?;
        let gradients = frames_last(message_gradients, self.n_post());
        self.sum(&self.by_pre, weights, gradients, sender_gradients);
        Ok(())
    }

    /// dw += for every edge.
    ///
    /// # Shapes
    /// `weight_gradients [edge]` (added to).
    ///
    /// # Errors
    /// [`Error::Length`] if an array does not fit.
    pub fn backward_weights(&self, outer: Outer<'_>, weight_gradients: &mut [f32]) -> Result<(), Error> {
        check_length("weight gradients of edges", weight_gradients.len(), self.n_edges())?;
        let n_frames = n_frames("senders", outer.senders, self.n_pre())?;
        check_length("message gradients", outer.message_gradients.len(), n_frames * self.n_post())?;
        let (senders, stride) = frames_last(outer.senders, self.n_pre());
        let (gradients, _) = frames_last(outer.message_gradients, self.n_post());
        let chunk = CHUNK_ROWS * CHUNK_ROWS;
        weight_gradients.par_chunks_mut(chunk).enumerate().for_each(|(index, into)| {
            let span = index * chunk..index * chunk + into.len();
            let (posts, pres) = (&self.posts[span.clone()], &self.by_post.ends[span]);
            self.arch.dispatch(Pairs { posts, pres, gradients: &gradients, senders: &senders, stride, into });
        });
        Ok(())
    }

    /// out\[frame, row\] = sum over the list of a row of w times the other end's value.
    fn sum(&self, lists: &Lists, weights: &[f32], (values, stride): (Vec<f32>, usize), out: &mut [f32]) {
        let n_rows = lists.n_rows();
        if out.is_empty() {
            return;
        }
        let mut sums = vec![0.0; n_rows * stride];
        sums.par_chunks_mut(CHUNK_ROWS * stride).enumerate().for_each(|(index, sums)| {
            let first_row = index * CHUNK_ROWS;
            self.arch.dispatch(RowSums { lists, first_row, weights, values: &values, stride, sums });
        });
        for (frame, out) in out.chunks_mut(n_rows).enumerate() {
            for (out, sums) in out.iter_mut().zip(sums.chunks(stride)) {
                *out = sums[frame];
            }
        }
    }
}

/// `[row, padded frame]` from `[frame, row]`, and the padded number of frames.
fn frames_last(values: &[f32], n_rows: usize) -> (Vec<f32>, usize) {
    let n_frames = values.len() / n_rows.max(1);
    let stride = padded(n_frames);
    let mut turned = vec![0.0; n_rows * stride];
    for (frame, values) in values.chunks(n_rows.max(1)).enumerate() {
        for (row, value) in turned.chunks_mut(stride).zip(values) {
            row[frame] = *value;
        }
    }
    (turned, stride)
}

/// The edges by sender, each list in the order of the edges.
fn turned(pres: &[u32], posts: &[u32], n_pre: usize) -> Lists {
    let mut starts = vec![0; n_pre + 1];
    for pre in pres {
        starts[*pre as usize + 1] += 1;
    }
    for pre in 0..n_pre {
        starts[pre + 1] += starts[pre];
    }
    let (mut ends, mut edges) = (vec![0; pres.len()], vec![0; pres.len()]);
    let mut next = starts.clone();
    for (edge, (pre, post)) in pres.iter().zip(posts).enumerate() {
        let at = &mut next[*pre as usize];
        (ends[*at], edges[*at]) = (*post, edge as u32);
        *at += 1;
    }
    Lists { starts, ends, edges }
}

fn check_starts(row_starts: &[usize], n_edges: usize) -> Result<(), Error> {
    let wrong = |position: usize, expected: String| {
        let given = row_starts.get(position).copied().unwrap_or_default();
        Err(Error::RowStarts { position, given, expected })
    };
    if row_starts.first() != Some(&0) {
        return wrong(0, "0".into());
    }
    if let Some(position) = row_starts.windows(2).position(|ends| ends[1] < ends[0]) {
        return wrong(position + 1, format!("at least {}", row_starts[position]));
    }
    if row_starts.last() != Some(&n_edges) {
        return wrong(row_starts.len() - 1, format!("{n_edges}, the number of edges"));
    }
    Ok(())
}

fn n_frames(what: &'static str, values: &[f32], n: usize) -> Result<usize, Error> {
    let n_frames = values.len() / n.max(1);
    check_length(what, values.len(), n_frames * n)?;
    Ok(n_frames)
}

/// Sums along the lists of some rows.
struct RowSums<'a> {
    lists: &'a Lists,
    first_row: usize,
    weights: &'a [f32],
    values: &'a [f32],
    stride: usize,
    sums: &'a mut [f32],
}

impl WithSimd for RowSums<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (values, _) = S::as_simd_f32s(self.values);
        let n_vectors = self.stride / S::F32_LANES;
        for (row, sums) in self.sums.chunks_mut(self.stride).enumerate() {
            let (sums, _) = S::as_mut_simd_f32s(sums);
            let row = self.first_row + row;
            let span = self.lists.starts[row]..self.lists.starts[row + 1];
            for (end, edge) in self.lists.ends[span.clone()].iter().zip(&self.lists.edges[span]) {
                let weight = simd.splat_f32s(self.weights[*edge as usize]);
                let values = &values[*end as usize * n_vectors..][..n_vectors];
                for (sum, value) in sums.iter_mut().zip(values) {
                    *sum = simd.mul_add_e_f32s(weight, *value, *sum);
                }
            }
        }
    }
}

/// Products of the two ends of some edges.
struct Pairs<'a> {
    posts: &'a [u32],
    pres: &'a [u32],
    gradients: &'a [f32],
    senders: &'a [f32],
    stride: usize,
    into: &'a mut [f32],
}

impl WithSimd for Pairs<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (gradients, _) = S::as_simd_f32s(self.gradients);
        let (senders, _) = S::as_simd_f32s(self.senders);
        let n_vectors = self.stride / S::F32_LANES;
        for ((into, post), pre) in self.into.iter_mut().zip(self.posts).zip(self.pres) {
            let gradients = &gradients[*post as usize * n_vectors..][..n_vectors];
            let senders = &senders[*pre as usize * n_vectors..][..n_vectors];
            *into += super::tile::dot(simd, gradients, senders);
        }
    }
}
