//! Which piece a row is on, and what that gives.

use super::super::OutputSide;
use super::Pieces;

/// Buckets of equal width a piece, so that most hold one edge or none.
const BUCKETS_A_PIECE: usize = 4;

/// The pieces, with a table of where to look.
pub(in crate::kernel::node_mlp) struct Search<'a> {
    pieces: &'a Pieces,
    start: f64,
    /// Buckets a unit of x.
    scale: f64,
    /// Number of edges before each bucket; one entry more than there are buckets.
    before: Vec<u32>,
}

impl<'a> Search<'a> {
    pub(in crate::kernel::node_mlp) fn new(pieces: &'a Pieces) -> Self {
        let edges = &pieces.edges;
        let n_buckets = (BUCKETS_A_PIECE * edges.len()).max(1);
        let (start, end) = (edges.first().copied().unwrap_or(0.0), edges.last().copied().unwrap_or(0.0));
        // Edges too close or too far apart for a division all fall into one bucket.
        let scale = Some(n_buckets as f64 / (end - start)).filter(|scale| scale.is_normal()).unwrap_or(0.0);
        let mut search = Self { pieces, start, scale, before: vec![0; n_buckets + 1] };
        for edge in edges {
            let bucket = search.bucket(*edge);
            search.before[bucket + 1] += 1;
        }
        let mut total = 0;
        for count in &mut search.before {
            total += *count;
            *count = total;
        }
        search
    }

    pub(in crate::kernel::node_mlp) fn n_pieces(&self) -> usize {
        self.pieces.edges.len() + 1
    }

    /// y of every x.
    pub(in crate::kernel::node_mlp) fn forward(&self, inputs: &[f32], outputs: &mut [f32]) {
        for (x, y) in inputs.iter().zip(outputs) {
            let (slope, shift) = self.line(self.piece(*x));
            *y = (slope * f64::from(*x) + shift) as f32;
        }
    }

    /// Adds dy x and dy to the sums of each row's piece; writes dL/dx where it is asked for.
    pub(in crate::kernel::node_mlp) fn backward(
        &self,
        (inputs, output_side): (&[f32], OutputSide<'_>),
        sums: &mut [[f64; 2]],
        of_inputs: Option<&mut [f32]>,
    ) {
        let of_outputs = match output_side {
            OutputSide::Given(gradients) => gradients,
            OutputSide::Asked { first_row, outputs, gradients, loss } => {
                self.forward(inputs, outputs);
                loss(first_row..first_row + inputs.len(), outputs, gradients);
                gradients
            }
        };
        let rows = inputs.iter().zip(of_outputs);
        match of_inputs {
            None => {
                for (x, of_y) in rows {
                    self.add(sums, *x, *of_y);
                }
            }
            Some(of_inputs) => {
                for ((x, of_y), of_x) in rows.zip(of_inputs) {
                    let piece = self.add(sums, *x, *of_y);
                    *of_x = (f64::from(*of_y) * self.line(piece).0) as f32;
                }
            }
        }
    }

    /// Adds a row to the sums of its piece, and says which that is.
    #[inline]
    fn add(&self, sums: &mut [[f64; 2]], x: f32, of_y: f32) -> usize {
        let piece = self.piece(x);
        let of_y = f64::from(of_y);
        sums[piece][0] += of_y * f64::from(x);
        sums[piece][1] += of_y;
        piece
    }

    #[inline]
    fn line(&self, piece: usize) -> (f64, f64) {
        let output = &self.pieces.output;
        (output.slopes[piece], output.shifts[piece])
    }

    /// How many edges are left of x.
    #[inline]
    fn piece(&self, x: f32) -> usize {
        let x = f64::from(x);
        let bucket = self.bucket(x);
        let (first, end) = (self.before[bucket] as usize, self.before[bucket + 1] as usize);
        first + self.pieces.edges[first..end].partition_point(|edge| *edge < x)
    }

    /// Beyond the ends the first or the last; the first for NaN, whose output is NaN on any piece.
    #[inline]
    fn bucket(&self, x: f64) -> usize {
        (((x - self.start) * self.scale) as usize).min(self.before.len() - 2)
    }
}
