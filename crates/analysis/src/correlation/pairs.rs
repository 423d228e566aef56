//! Sums over the frames that two neurons share.

use ndarray::{Array1, Array2, ArrayView2, Axis};

use crate::linear_algebra::add_transposed_product;

/// Frames that are converted to f64 at a time.
const BLOCK_FRAMES: usize = 1024;

/// Later and earlier frames, row by row.
type FramePair<'a> = (ArrayView2<'a, f32>, ArrayView2<'a, f32>);

/// `[later neuron, earlier neuron]` sums over the frames where both are observed, of deviations from a
/// reference near the mean (so that a large offset costs no digits).
pub(super) struct PairSums {
    count: Array2<f64>,
    later: Array2<f64>,
    earlier: Array2<f64>,
    later_squared: Array2<f64>,
    earlier_squared: Array2<f64>,
    product: Array2<f64>,
}

impl PairSums {
    /// Adds up all trials; at least one, all of the same width.
    pub(super) fn add_up(trials: &[FramePair<'_>]) -> Self {
        let later_reference = reference(trials.iter().map(|trial| trial.0));
        let earlier_reference = reference(trials.iter().map(|trial| trial.1));
        let mut sums = Self::zeros(later_reference.len());
        for (later, earlier) in trials {
            let blocks = later.axis_chunks_iter(Axis(0), BLOCK_FRAMES);
            for (later, earlier) in blocks.zip(earlier.axis_chunks_iter(Axis(0), BLOCK_FRAMES)) {
                sums.add(
                    &Deviations::new(later, &later_reference),
                    &Deviations::new(earlier, &earlier_reference),
                );
            }
        }
        sums
    }

    /// NaN where fewer than two frames are shared or one of the two does not vary on them.
    pub(super) fn correlation(&self) -> Array2<f64> {
        Array2::from_shape_fn(self.count.dim(), |pair| {
            let (count, later, earlier) = (self.count[pair], self.later[pair], self.earlier[pair]);
            let later_spread = spread(self.later_squared[pair], later, count);
            let earlier_spread = spread(self.earlier_squared[pair], earlier, count);
            let shared = self.product[pair] - later * earlier / count;
            (shared / (later_spread.sqrt() * earlier_spread.sqrt())).clamp(-1.0, 1.0)
        })
    }

    fn zeros(n_neurons: usize) -> Self {
        let zeros = || Array2::zeros((n_neurons, n_neurons));
        Self {
            count: zeros(),
            later: zeros(),
            earlier: zeros(),
            later_squared: zeros(),
            earlier_squared: zeros(),
            product: zeros(),
        }
    }

    fn add(&mut self, later: &Deviations, earlier: &Deviations) {
        add_transposed_product(&mut self.product, later.values.view(), earlier.values.view());
        if later.is_complete && earlier.is_complete {
            // Without gaps the sums of a neuron are the same with every partner.
            self.count += later.values.nrows() as f64;
            self.later += &later.values.sum_axis(Axis(0)).insert_axis(Axis(1));
            self.earlier += &earlier.values.sum_axis(Axis(0));
            self.later_squared += &later.squares().sum_axis(Axis(0)).insert_axis(Axis(1));
            self.earlier_squared += &earlier.squares().sum_axis(Axis(0));
            return;
        }
        let (later_seen, earlier_seen) = (later.observed.view(), earlier.observed.view());
        add_transposed_product(&mut self.count, later_seen, earlier_seen);
        add_transposed_product(&mut self.later, later.values.view(), earlier_seen);
        add_transposed_product(&mut self.earlier, later_seen, earlier.values.view());
        add_transposed_product(&mut self.later_squared, later.squares().view(), earlier_seen);
        add_transposed_product(&mut self.earlier_squared, later_seen, earlier.squares().view());
    }
}

/// A block of frames about the reference; missing samples are 0 here and 0 in `observed`.
struct Deviations {
    values: Array2<f64>,
    observed: Array2<f64>,
    is_complete: bool,
}

impl Deviations {
    fn new(frames: ArrayView2<'_, f32>, reference: &Array1<f64>) -> Self {
        let observed = frames.mapv(|sample| if sample.is_nan() { 0.0 } else { 1.0 });
        let is_complete = observed.iter().all(|&seen| seen == 1.0);
        let mut values = frames.mapv(f64::from) - reference;
        values.mapv_inplace(|value| if value.is_nan() { 0.0 } else { value });
        Self { values, observed, is_complete }
    }

    fn squares(&self) -> Array2<f64> {
        self.values.mapv(|value| value * value)
    }
}

/// Mean of the observed samples of each neuron; 0 if there is none.
fn reference<'a>(trials: impl Iterator<Item = ArrayView2<'a, f32>>) -> Array1<f64> {
    let (mut sums, mut counts): (Array1<f64>, Array1<f64>) = Default::default();
    for trial in trials {
        if sums.is_empty() {
            (sums, counts) = (Array1::zeros(trial.ncols()), Array1::zeros(trial.ncols()));
        }
        for frame in trial.rows() {
            for (neuron, sample) in frame.iter().enumerate().filter(|(_, sample)| !sample.is_nan()) {
                sums[neuron] += f64::from(*sample);
                counts[neuron] += 1.0;
            }
        }
    }
    sums / counts.mapv(|count| count.max(1.0))
}

/// Sum of squares about the mean; NaN if it is not larger than the rounding of its terms.
fn spread(squares: f64, sum: f64, count: f64) -> f64 {
    let spread = squares - sum * sum / count;
    if count >= 2.0 && spread > 1e-14 * squares { spread } else { f64::NAN }
}
