//! All unknowns of all rows, and what is done with them row by row.

/// W, phi and Omega of all rows, or a direction: `[row, sender]`, `[row, function]`, `[row, window]`.
#[derive(Clone)]
pub(super) struct Point {
    /// Senders, functions, windows.
    pub(super) widths: [usize; 3],
    pub(super) w: Vec<f64>,
    pub(super) d: Vec<f64>,
    pub(super) o: Vec<f64>,
}

impl Point {
    pub(super) fn weights(&self, row: usize) -> &[f64] {
        &self.w[row * self.widths[0]..(row + 1) * self.widths[0]]
    }

    pub(super) fn coefficients(&self, row: usize) -> &[f64] {
        &self.d[row * self.widths[1]..(row + 1) * self.widths[1]]
    }

    pub(super) fn omega(&self, row: usize) -> &[f64] {
        &self.o[row * self.widths[2]..(row + 1) * self.widths[2]]
    }

    /// From W, phi and Omega of each row.
    pub(super) fn of<'a>(rows: impl Iterator<Item = [&'a [f64]; 3]>) -> Self {
        let mut point = Self { widths: [0; 3], w: Vec::new(), d: Vec::new(), o: Vec::new() };
        for [w, d, o] in rows {
            point.widths = [w.len(), d.len(), o.len()];
            point.w.extend_from_slice(w);
            point.d.extend_from_slice(d);
            point.o.extend_from_slice(o);
        }
        point
    }

    /// Some of the rows.
    pub(super) fn some(&self, rows: std::ops::Range<usize>) -> Self {
        let [n, functions, windows] = self.widths;
        let of = |all: &[f64], width: usize| all[rows.start * width..rows.end * width].to_vec();
        Self { widths: self.widths, w: of(&self.w, n), d: of(&self.d, functions), o: of(&self.o, windows) }
    }

    pub(super) fn parts(&self, row: usize) -> [&[f64]; 3] {
        [self.weights(row), self.coefficients(row), self.omega(row)]
    }

    pub(super) fn parts_mut(&mut self, row: usize) -> [&mut [f64]; 3] {
        let [n, functions, windows] = self.widths;
        [
            &mut self.w[row * n..(row + 1) * n],
            &mut self.d[row * functions..(row + 1) * functions],
            &mut self.o[row * windows..(row + 1) * windows],
        ]
    }

    pub(super) fn copy_row(&mut self, row: usize, from: &Self) {
        self.parts_mut(row).into_iter().zip(from.parts(row)).for_each(|(to, from)| to.copy_from_slice(from));
    }

    pub(super) fn dot(&self, other: &Self, row: usize) -> f64 {
        let of = |(a, b): (&[f64], &[f64])| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        self.parts(row).into_iter().zip(other.parts(row)).map(of).sum()
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.combine(1.0, &vec![1.0; self.o.len() / self.widths[2].max(1)], other);
    }

    /// self = share self + scale other, with a scale of each row and a share of all.
    pub(super) fn combine(&mut self, share: f64, scale: &[f64], other: &Self) {
        self.combine_each(&vec![share; scale.len()], scale, other);
    }

    /// The same with a share of each row.
    pub(super) fn combine_each(&mut self, share: &[f64], scale: &[f64], other: &Self) {
        for (row, (share, scale)) in share.iter().zip(scale).enumerate() {
            for (to, from) in self.parts_mut(row).into_iter().zip(other.parts(row)) {
                to.iter_mut().zip(from).for_each(|(a, b)| *a = share * *a + scale * b);
            }
        }
    }

    /// Mean of Omega over time 1: W takes the scale.
    pub(super) fn normalise(&mut self) {
        for row in 0..self.o.len() / self.widths[2].max(1) {
            let [w, _, omega] = self.parts_mut(row);
            let mean = omega.iter().sum::<f64>() / omega.len() as f64;
            if mean.abs() > 1e-6 {
                omega.iter_mut().for_each(|one| *one /= mean);
                w.iter_mut().for_each(|w| *w *= mean);
            }
        }
    }
}
