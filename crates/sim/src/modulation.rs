//! External fields Omega_i(t): from a movie, generated, or simple signals.
//!
//! A field is piecewise constant in time ([`Modulation::slice_at`]) and zero during the burn-in. A movie of
//! R x C pixels drives the first R C neurons, each frame turned by 270 degrees against the clock and read row
//! by row, as the published code does; the other neurons have Omega = 1 (multiplicative) or 0 (additive).

use std::f64::consts::TAU;

use ndarray::{Array2, Array3, Axis, s};
use neuroloom_core::{Modulation, ModulationMode, Seed};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::signal::{SignalInput, check_finite, check_positive, cosine, impulses};

/// Where the field comes from.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModulationSource {
    /// No external field.
    #[default]
    None,
    /// The movie that is given.
    File,
    /// A smooth random positive movie.
    Generated(GeneratedField),
    /// amplitude e_i cos(2 pi f t) on every neuron, e_i uniform in -1..1.
    Cosine(SignalInput),
    /// Impulses at random times, each followed by a damped sinusoid of frequency f; strength amplitude e_i on
    /// every neuron, e_i uniform in -1..1.
    Impulses(SignalInput),
}

/// A smooth random positive movie: exp of a sum of 32 travelling waves, scaled to a mean and a spread.
///
/// Omega = mean exp(k z - k^2 / 2), z of mean 0 and variance 1, k^2 = ln(1 + (std / mean)^2).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GeneratedField {
    /// Pixels along each side; the first grid_side^2 neurons are driven.
    pub grid_side: usize,
    /// Number of movie frames over the whole series.
    pub n_slices: usize,
    /// Mean of Omega over space and time.
    pub mean: f64,
    /// Standard deviation of Omega over space and time.
    pub std: f64,
    /// Pixels over which the field stays similar.
    pub correlation_pixels: f64,
    /// Movie frames over which the field stays similar.
    pub correlation_slices: f64,
}

impl Default for GeneratedField {
    /// The published movie: 257 frames of 32 x 32, mean 1.078, standard deviation 0.293.
    fn default() -> Self {
        Self {
            grid_side: 32,
            n_slices: 257,
            mean: 1.078,
            std: 0.293,
            correlation_pixels: 6.0,
            correlation_slices: 16.0,
        }
    }
}

/// The external field of a simulation.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModulationConfig {
    /// Where the field comes from: none, file, generated, cosine or impulses. A movie that is given replaces it.
    pub source: ModulationSource,
    /// Whether the field scales the recurrent sum or adds to the drift.
    pub mode: ModulationMode,
}

/// The series that a field is spread over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Span {
    pub(crate) n_neurons: usize,
    pub(crate) n_frames: usize,
    pub(crate) dt_s: f64,
}

impl ModulationConfig {
    /// Checks every key.
    pub(crate) fn check(&self, span: Span) -> Result<(), Error> {
        match &self.source {
            ModulationSource::None | ModulationSource::File => Ok(()),
            ModulationSource::Generated(field) => field.check(span),
            ModulationSource::Cosine(signal) | ModulationSource::Impulses(signal) => signal.check(span),
        }
    }
}

/// Makes the field, or takes the given movie `[slice, row, column]`.
///
/// # Errors
/// [`Error::MissingArray`] if the source is `file` and none is given, [`Error::Shape`] and [`Error::Entry`] if
/// the movie has more pixels than there are neurons or is not finite.
pub(crate) fn modulation(
    config: &ModulationConfig,
    span: Span,
    given: Option<Array3<f32>>,
    seed: Seed,
) -> Result<Option<Modulation>, Error> {
    let seed = seed.split("modulation");
    let (values, positions) = match (given, &config.source) {
        (Some(movie), _) => from_movie(&movie, config.mode, span)?,
        (None, ModulationSource::None) => return Ok(None),
        (None, ModulationSource::File) => {
            return Err(Error::MissingArray { key: "modulation.source", what: "movie" });
        }
        (None, ModulationSource::Generated(field)) => from_movie(&generate(field, seed), config.mode, span)?,
        (None, ModulationSource::Cosine(signal)) => (cosine(signal, span, seed), None),
        (None, ModulationSource::Impulses(signal)) => (impulses(signal, span, seed), None),
    };
    Ok(Some(Modulation { mode: config.mode, values, n_frames: span.n_frames, positions }))
}

/// Omega of each slice and neuron, and the pixels of the driven neurons.
type Movie = (Array2<f32>, Option<Array2<f32>>);

fn from_movie(movie: &Array3<f32>, mode: ModulationMode, span: Span) -> Result<Movie, Error> {
    let (n_slices, rows, columns) = movie.dim();
    if n_slices == 0 || rows * columns == 0 || rows * columns > span.n_neurons {
        return Err(Error::Shape {
            what: "the given field",
            given: format!("{:?}", movie.shape()),
            allowed: format!(
                "[slice, row, column], none of them 0, at most {} pixels (n_neurons)",
                span.n_neurons
            ),
        });
    }
    if let Some(((slice, row, column), &value)) = movie.indexed_iter().find(|(_, value)| !value.is_finite()) {
        return Err(Error::Entry { what: "the given field", given: value, place: vec![slice, row, column] });
    }
    let elsewhere = match mode {
        ModulationMode::Multiplicative => 1.0,
        ModulationMode::Additive => 0.0,
    };
    let mut values = Array2::from_elem((n_slices, span.n_neurons), elsewhere);
    for (image, mut row_of_values) in movie.axis_iter(Axis(0)).zip(values.rows_mut()) {
        // Turned by 270 degrees against the clock: new[i, j] = old[rows - 1 - j, i].
        let turned = image.slice(s![..;-1, ..]).reversed_axes();
        for (value, &pixel) in row_of_values.iter_mut().zip(turned.iter()) {
            *value = pixel;
        }
    }
    // The turned image has as many rows as the movie has columns.
    let mut positions = Array2::from_elem((span.n_neurons, 2), f32::NAN);
    for (pixel, mut place) in positions.rows_mut().into_iter().take(rows * columns).enumerate() {
        (place[0], place[1]) = ((pixel / rows) as f32, (pixel % rows) as f32);
    }
    Ok((values, Some(positions)))
}

/// One travelling wave of the generated movie.
struct Wave {
    along_rows: f64,
    along_columns: f64,
    along_time: f64,
    phase: f64,
}

fn generate(field: &GeneratedField, seed: Seed) -> Array3<f32> {
    const N_WAVES: usize = 32;
    let mut rng = seed.rng();
    let normal = |rng: &mut ChaCha8Rng| rng.sample::<f64, _>(StandardNormal);
    let waves: Vec<Wave> = (0..N_WAVES)
        .map(|_| Wave {
            along_rows: normal(&mut rng) / field.correlation_pixels,
            along_columns: normal(&mut rng) / field.correlation_pixels,
            along_time: normal(&mut rng) / field.correlation_slices,
            phase: rng.random_range(0.0..TAU),
        })
        .collect();
    let spread = (1.0 + (field.std / field.mean).powi(2)).ln().sqrt();
    let scale = (2.0 / N_WAVES as f64).sqrt();
    Array3::from_shape_fn((field.n_slices, field.grid_side, field.grid_side), |(slice, row, column)| {
        let sum: f64 = waves.iter().map(|wave| wave.at(slice, row, column)).sum();
        (field.mean * (spread * scale * sum - spread * spread / 2.0).exp()) as f32
    })
}

impl Wave {
    fn at(&self, slice: usize, row: usize, column: usize) -> f64 {
        let angle = self.along_time * slice as f64
            + self.along_rows * row as f64
            + self.along_columns * column as f64
            + self.phase;
        angle.cos()
    }
}

impl GeneratedField {
    fn check(&self, span: Span) -> Result<(), Error> {
        check_positive("modulation.source.mean", self.mean)?;
        check_finite("modulation.source.std", self.std)?;
        check_positive("modulation.source.correlation_pixels", self.correlation_pixels)?;
        check_positive("modulation.source.correlation_slices", self.correlation_slices)?;
        let wrong = |key, given: String, allowed| Err(Error::Config { key, given, allowed });
        if self.std < 0.0 {
            return wrong("modulation.source.std", self.std.to_string(), "0 or more".to_owned());
        }
        if self.n_slices == 0 {
            return wrong("modulation.source.n_slices", "0".to_owned(), "at least 1".to_owned());
        }
        let fits = self.grid_side.checked_mul(self.grid_side).is_some_and(|n| n >= 1 && n <= span.n_neurons);
        if !fits {
            let allowed = format!("at least 1, and grid_side^2 at most n_neurons = {}", span.n_neurons);
            return wrong("modulation.source.grid_side", self.grid_side.to_string(), allowed);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    const SPAN: Span = Span { n_neurons: 8, n_frames: 1000, dt_s: 0.01 };

    fn made(source: ModulationSource, mode: ModulationMode, span: Span) -> Modulation {
        let config = ModulationConfig { source, mode };
        config.check(span).unwrap();
        modulation(&config, span, None, Seed(3)).unwrap().unwrap()
    }

    #[test]
    fn movies_are_turned_and_read_row_by_row() {
        // 1 2 3        by 270 degrees against        4 1
        // 4 5 6        the clock (90 with it)        5 2
        //                                            6 3
        let movie = array![[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]];
        let config = ModulationConfig::default();
        let scaling = modulation(&config, SPAN, Some(movie.clone()), Seed(1)).unwrap().unwrap();
        assert_eq!(scaling.values, array![[4.0, 1.0, 5.0, 2.0, 6.0, 3.0, 1.0, 1.0]]);
        let positions = scaling.positions.unwrap();
        assert_eq!(positions.row(3), array![1.0, 1.0]); // 2 stands in row 1, column 1 of the turned image
        assert!(positions.row(6).iter().all(|one| one.is_nan()));
        let config = ModulationConfig { mode: ModulationMode::Additive, ..config };
        let adding = modulation(&config, SPAN, Some(movie), Seed(1)).unwrap().unwrap();
        assert_eq!(adding.values, array![[4.0, 1.0, 5.0, 2.0, 6.0, 3.0, 0.0, 0.0]]);
    }

    #[test]
    fn movies_that_do_not_fit_are_refused() {
        let config = ModulationConfig { source: ModulationSource::File, ..ModulationConfig::default() };
        let given = |movie| modulation(&config, SPAN, movie, Seed(1));
        assert!(matches!(given(None), Err(Error::MissingArray { .. })));
        assert!(matches!(given(Some(Array3::zeros((2, 3, 3)))), Err(Error::Shape { .. })));
        assert!(matches!(given(Some(Array3::zeros((0, 2, 2)))), Err(Error::Shape { .. })));
        let broken = array![[[1.0, f32::NAN]]];
        assert!(matches!(given(Some(broken)), Err(Error::Entry { place, .. }) if place == [0, 0, 1]));
    }

    #[test]
    fn generated_fields_are_positive_smooth_and_scaled() {
        let span = Span { n_neurons: 2048, n_frames: 50_000, dt_s: 0.01 };
        let field =
            made(ModulationSource::Generated(GeneratedField::default()), ModulationMode::default(), span);
        assert_eq!(field.values.dim(), (257, 2048));
        let driven = field.values.slice(s![.., ..1024]);
        assert!(driven.iter().all(|&value| value > 0.0));
        assert!((driven.mean().unwrap() - 1.078).abs() < 0.1, "{:?}", driven.mean());
        assert!((driven.std(0.0) - 0.293).abs() < 0.08, "{}", driven.std(0.0));
        assert!(field.values.slice(s![.., 1024..]).iter().all(|&value| value == 1.0));
        // From one movie frame to the next much less changes than over the whole movie.
        let step = &driven.slice(s![1.., ..]) - &driven.slice(s![..-1, ..]);
        assert!(step.std(0.0) < 0.05, "{}", step.std(0.0));
    }

    #[test]
    fn impossible_keys_are_refused() {
        let field = GeneratedField { grid_side: 2, ..GeneratedField::default() };
        let signal = SignalInput { n_slices: 101, ..SignalInput::default() };
        let bad = [
            ModulationSource::Generated(GeneratedField { grid_side: 3, ..field }),
            ModulationSource::Generated(GeneratedField { grid_side: 0, ..field }),
            ModulationSource::Generated(GeneratedField { n_slices: 0, ..field }),
            ModulationSource::Generated(GeneratedField { std: -1.0, ..field }),
            ModulationSource::Generated(GeneratedField { mean: 0.0, ..field }),
            ModulationSource::Generated(GeneratedField { correlation_pixels: 0.0, ..field }),
            ModulationSource::Cosine(SignalInput { n_slices: 8, ..signal }),
            ModulationSource::Cosine(SignalInput { n_slices: 1002, ..signal }),
            ModulationSource::Cosine(SignalInput { frequency_hz: 0.0, ..signal }),
            ModulationSource::Impulses(SignalInput { interval_s: -1.0, ..signal }),
            ModulationSource::Impulses(SignalInput { amplitude: f64::NAN, ..signal }),
        ];
        for source in bad {
            let config = ModulationConfig { source, ..ModulationConfig::default() };
            assert!(matches!(config.check(SPAN), Err(Error::Config { .. })), "{source:?}");
        }
        let good =
            ModulationConfig { source: ModulationSource::Cosine(signal), ..ModulationConfig::default() };
        good.check(SPAN).unwrap();
    }
}
