//! Additive inputs of one frequency, the same course on every neuron with a strength of its own.

use std::f64::consts::TAU;

use ndarray::Array2;
use neuroloom_core::Seed;
use rand::RngExt;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::modulation::Span;

/// A signal of one frequency with a random strength for each neuron.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignalInput {
    /// Largest strength.
    pub amplitude: f64,
    /// Frequency f in hertz.
    pub frequency_hz: f64,
    /// Mean time between two impulses, in seconds (impulses only).
    pub interval_s: f64,
    /// Time in which the sinusoid after an impulse falls to 1/e, in seconds (impulses only).
    pub damping_s: f64,
    /// Number of time slices over the whole series.
    pub n_slices: usize,
}

impl Default for SignalInput {
    fn default() -> Self {
        Self { amplitude: 1.0, frequency_hz: 0.1, interval_s: 50.0, damping_s: 10.0, n_slices: 2001 }
    }
}

/// e_i cos(2 pi f t), `[slice, neuron]`.
pub(crate) fn cosine(signal: &SignalInput, span: Span, seed: Seed) -> Array2<f32> {
    let course: Vec<f64> = signal.times_s(span).map(|t| (TAU * signal.frequency_hz * t).cos()).collect();
    signal.spread(&course, span, seed)
}

/// Every impulse lasts one slice, the sinusoid after it starts at 0 and is damped exponentially.
pub(crate) fn impulses(signal: &SignalInput, span: Span, seed: Seed) -> Array2<f32> {
    let mut rng = seed.split("triggers").rng();
    let times: Vec<f64> = signal.times_s(span).collect();
    let mut course = vec![0.0; times.len()];
    let chance = (span.duration_s() / signal.interval_s / times.len() as f64).min(1.0);
    for trigger in 0..times.len() {
        if !rng.random_bool(chance) {
            continue;
        }
        course[trigger] += 1.0;
        for (value, &t) in course[trigger..].iter_mut().zip(&times[trigger..]) {
            let since = t - times[trigger];
            *value += (-since / signal.damping_s).exp() * (TAU * signal.frequency_hz * since).sin();
        }
    }
    signal.spread(&course, span, seed)
}

impl Span {
    fn duration_s(self) -> f64 {
        self.n_frames as f64 * self.dt_s
    }
}

impl SignalInput {
    /// The time at which each slice begins.
    fn times_s(&self, span: Span) -> impl Iterator<Item = f64> {
        let last = self.n_slices.saturating_sub(1).max(1) as f64;
        (0..self.n_slices).map(move |slice| span.duration_s() * slice as f64 / last)
    }

    /// The same course for every neuron, times its strength.
    fn spread(&self, course: &[f64], span: Span, seed: Seed) -> Array2<f32> {
        let mut rng = seed.split("strengths").rng();
        let strengths: Vec<f64> =
            (0..span.n_neurons).map(|_| self.amplitude * rng.random_range(-1.0..=1.0)).collect();
        Array2::from_shape_fn((course.len(), span.n_neurons), |(slice, neuron)| {
            (course[slice] * strengths[neuron]) as f32
        })
    }

    pub(crate) fn check(&self, span: Span) -> Result<(), Error> {
        check_finite("modulation.source.amplitude", self.amplitude)?;
        check_positive("modulation.source.frequency_hz", self.frequency_hz)?;
        check_positive("modulation.source.interval_s", self.interval_s)?;
        check_positive("modulation.source.damping_s", self.damping_s)?;
        // A sinusoid needs a few slices a period, and more slices than frames would never be used.
        let fewest = (8.0 * self.frequency_hz * span.duration_s()).ceil() as usize + 1;
        let most = span.n_frames + 1;
        if self.n_slices < fewest.max(2) || self.n_slices > most.max(2) {
            return Err(Error::Config {
                key: "modulation.source.n_slices",
                given: self.n_slices.to_string(),
                allowed: format!("{fewest} (8 a period of frequency_hz) to {most} (one a frame)"),
            });
        }
        Ok(())
    }
}

/// Refuses NaN and infinity.
pub(crate) fn check_finite(key: &'static str, value: f64) -> Result<(), Error> {
    if value.is_finite() {
        return Ok(());
    }
    Err(Error::Config { key, given: value.to_string(), allowed: "a finite number".to_owned() })
}

/// Refuses 0, negative numbers, NaN and infinity.
pub(crate) fn check_positive(key: &'static str, value: f64) -> Result<(), Error> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(Error::Config { key, given: value.to_string(), allowed: "above 0, finite".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: Span = Span { n_neurons: 8, n_frames: 1000, dt_s: 0.01 };

    fn made(
        course: fn(&SignalInput, Span, Seed) -> Array2<f32>,
        signal: SignalInput,
        span: Span,
    ) -> Array2<f32> {
        signal.check(span).unwrap();
        course(&signal, span, Seed(3))
    }

    #[test]
    fn cosines_are_in_phase_and_within_the_amplitude() {
        // 10 s at 0.5 Hz: 5 periods over 40 intervals, so slice 4 is half a period after slice 0.
        let signal =
            SignalInput { amplitude: 2.0, frequency_hz: 0.5, n_slices: 41, ..SignalInput::default() };
        let values = made(cosine, signal, SPAN);
        for neuron in 0..8 {
            let strength = values[[0, neuron]];
            assert!(strength.abs() <= 2.0);
            assert!((values[[4, neuron]] + strength).abs() < 1e-5);
            assert!(values[[2, neuron]].abs() < 1e-5);
        }
    }

    #[test]
    fn impulses_are_followed_by_a_damped_sinusoid() {
        let signal = SignalInput { interval_s: 200.0, n_slices: 1001, ..SignalInput::default() };
        let span = Span { n_frames: 100_000, ..SPAN };
        let values = made(impulses, signal, span);
        let trigger = (0..1001).find(|&slice| values[[slice, 0]] != 0.0).unwrap();
        let strength = values[[trigger, 0]];
        // Slices are 1 s apart; 2 s later the sinusoid of 0.1 Hz is at 0.2 turns, damped by exp(-2 / 10).
        let expected = (-0.2_f32).exp() * (std::f32::consts::TAU * 0.2).sin();
        assert!((values[[trigger + 2, 0]] / strength - expected).abs() < 1e-4);
    }
}
