//! Axes: a range, a scale, and ticks at numbers that people like.

use crate::number::{fixed, grouped, power_of_ten};
use crate::svg::text_width;

/// How values spread over an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Evenly.
    Linear,
    /// By their logarithm.
    Log,
}

/// The direction an axis runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Labels stand side by side and must not touch.
    Horizontal,
    /// Labels stand above each other.
    Vertical,
}

/// A labelled range.
#[derive(Debug, Clone)]
pub(crate) struct Axis {
    pub(crate) scale: Scale,
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) label: String,
}

/// A tick: its value and its text (empty for a small tick).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tick {
    pub(crate) value: f64,
    pub(crate) text: String,
}

/// Size of tick labels.
pub(crate) const TICK_SIZE: f64 = 10.5;

impl Axis {
    /// A linear axis from `low` to `high`, widened where they are equal.
    pub(crate) fn new(low: f64, high: f64, label: &str) -> Self {
        let (low, high) = if low <= high { (low, high) } else { (high, low) };
        let gap = high - low;
        let least = 1e-9 * low.abs().max(high.abs());
        let (low, high) = if !gap.is_finite() {
            (0.0, 1.0)
        } else if gap > least {
            (low, high)
        } else {
            let half = if low == 0.0 { 0.5 } else { 0.05 * low.abs() };
            (low - half, high + half)
        };
        Self { scale: Scale::Linear, low, high, label: label.to_owned() }
    }

    /// A linear axis that just holds the finite values.
    pub(crate) fn tight(values: impl IntoIterator<Item = f64>, label: &str) -> Self {
        let (low, high) = extent(values).unwrap_or((0.0, 1.0));
        Self::new(low, high, label)
    }

    /// A linear axis that holds the finite values with a little air.
    pub(crate) fn padded(values: impl IntoIterator<Item = f64>, label: &str) -> Self {
        let tight = Self::tight(values, label);
        let air = 0.05 * (tight.high - tight.low);
        Self { low: tight.low - air, high: tight.high + air, ..tight }
    }

    /// A logarithmic axis of whole decades around the positive values.
    pub(crate) fn log(values: impl IntoIterator<Item = f64>, label: &str) -> Self {
        let positive = values.into_iter().filter(|value| *value > 0.0);
        let (low, high) = extent(positive).unwrap_or((0.1, 1.0));
        let low = low.log10().floor();
        let high = high.log10().ceil().max(low + 1.0);
        Self { scale: Scale::Log, low: 10_f64.powf(low), high: 10_f64.powf(high), label: label.to_owned() }
    }

    /// Where a value lies, 0 at `low` and 1 at `high`; NaN for what has no place.
    pub(crate) fn fraction(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear => (value - self.low) / (self.high - self.low),
            Scale::Log if value > 0.0 => (value / self.low).ln() / (self.high / self.low).ln(),
            Scale::Log => f64::NAN,
        }
    }

    /// As many ticks as fit on a length in user units.
    pub(crate) fn ticks(&self, length: f64, direction: Direction) -> Vec<Tick> {
        let most = match direction {
            Direction::Horizontal => (length / 50.0).clamp(4.0, 9.0) as usize,
            Direction::Vertical => (length / 34.0).clamp(3.0, 8.0) as usize,
        };
        for target in (1..=most).rev() {
            let ticks = match self.scale {
                Scale::Linear => linear_ticks(self.low, self.high, target),
                Scale::Log => log_ticks(self.low, self.high, target),
            };
            if direction == Direction::Vertical || self.room_for(&ticks, length) {
                return ticks;
            }
        }
        Vec::new()
    }

    fn room_for(&self, ticks: &[Tick], length: f64) -> bool {
        let spans: Vec<(f64, f64)> = ticks
            .iter()
            .filter(|tick| !tick.text.is_empty())
            .map(|tick| {
                let (middle, half) =
                    (self.fraction(tick.value) * length, 0.5 * text_width(&tick.text, TICK_SIZE));
                (middle - half, middle + half)
            })
            .collect();
        spans.windows(2).all(|pair| pair[0].1 + 6.0 <= pair[1].0)
    }
}

/// The step 1, 2 or 5 times a power of ten that gives at most about `target` steps over `span`.
pub(crate) fn nice_step(span: f64, target: usize) -> f64 {
    let raw = span / target.max(1) as f64;
    let magnitude = 10_f64.powf(raw.log10().floor());
    // The tolerance keeps a span of exactly five steps from losing one to rounding.
    let mantissa = raw / magnitude * (1.0 - 1e-9);
    let nice = if mantissa <= 1.0 {
        1.0
    } else if mantissa <= 2.0 {
        2.0
    } else if mantissa <= 5.0 {
        5.0
    } else {
        10.0
    };
    nice * magnitude
}

/// The smallest and the largest finite value.
pub(crate) fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().filter(|value| value.is_finite()).fold(None, |range, value| match range {
        None => Some((value, value)),
        Some((low, high)) => Some((low.min(value), high.max(value))),
    })
}

fn linear_ticks(low: f64, high: f64, target: usize) -> Vec<Tick> {
    let step = nice_step(high - low, target);
    let slack = 1e-6 * step;
    let first = ((low - slack) / step).ceil() as i64;
    let last = ((high + slack) / step).floor() as i64;
    (first..=last.min(first.saturating_add(50)))
        .map(|count| count as f64 * step)
        .map(|value| Tick { value, text: tick_text(value, step, low.abs().max(high.abs())) })
        .collect()
}

fn tick_text(value: f64, step: f64, largest: f64) -> String {
    if value == 0.0 {
        "0".to_owned()
    } else if (1e-3..1e5).contains(&largest) {
        let decimals = (-step.log10().floor()).max(0.0) as usize;
        if decimals == 0 { grouped(value) } else { fixed(value, decimals) }
    } else {
        let decimals = (value.abs() * (1.0 + 1e-9)).log10().floor() - step.log10().floor();
        power_of_ten(value, decimals.clamp(0.0, 4.0) as usize)
    }
}

fn log_ticks(low: f64, high: f64, target: usize) -> Vec<Tick> {
    let (first, last) = (low.log10().round() as i32, high.log10().round() as i32);
    let stride = (last - first).unsigned_abs().div_ceil(target.max(1) as u32).max(1) as i32;
    (first..=last)
        .map(|decade| {
            let value = 10_f64.powi(decade);
            let text = match decade {
                _ if (decade - first) % stride != 0 => String::new(),
                0 => "1".to_owned(),
                1 => "10".to_owned(),
                _ => power_of_ten(value, 0),
            };
            Tick { value, text }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A few hundred ranges of all sizes, without a random number generator.
    fn ranges() -> impl Iterator<Item = (f64, f64)> {
        (0..400).map(|case| {
            let turn = f64::from(case) * 0.618_034;
            let low = (turn * 7.3).sin() * 10_f64.powi(case % 13 - 6);
            let width = (1.01 + (turn * 3.1).cos()) * 10_f64.powi(case % 11 - 5);
            (low, low + width)
        })
    }

    #[test]
    fn ticks_are_nice_inside_and_not_too_many() {
        for (low, high) in ranges() {
            for length in [60.0, 180.0, 700.0] {
                let axis = Axis::new(low, high, "x");
                let ticks = axis.ticks(length, Direction::Vertical);
                assert!(ticks.len() <= 9, "{low} {high}: {}", ticks.len());
                let slack = 1e-5 * (axis.high - axis.low);
                assert!(
                    ticks.iter().all(|tick| (axis.low - slack..=axis.high + slack).contains(&tick.value))
                );
                for pair in ticks.windows(2) {
                    let step = pair[1].value - pair[0].value;
                    let mantissa = step / 10_f64.powf((step * (1.0 + 1e-6)).log10().floor());
                    assert!([1.0, 2.0, 5.0].iter().any(|nice| (mantissa - nice).abs() < 1e-3), "{step}");
                }
            }
        }
    }

    #[test]
    fn horizontal_labels_never_touch() {
        for (low, high) in ranges() {
            for length in [60.0, 200.0, 700.0] {
                let axis = Axis::new(low, high, "x");
                assert!(
                    axis.room_for(&axis.ticks(length, Direction::Horizontal), length),
                    "{low} {high} {length}"
                );
            }
        }
    }

    #[test]
    fn neighbouring_labels_differ() {
        for (low, high) in ranges().filter(|(low, high)| high - low > 1e-3 * low.abs()) {
            let ticks = Axis::new(low, high, "x").ticks(400.0, Direction::Vertical);
            assert!(ticks.windows(2).all(|pair| pair[0].text != pair[1].text), "{low} {high} {ticks:?}");
        }
    }

    #[test]
    fn known_ticks() {
        let texts = |axis: &Axis| -> Vec<String> {
            axis.ticks(200.0, Direction::Vertical).into_iter().map(|tick| tick.text).collect()
        };
        assert_eq!(
            texts(&Axis::new(0.0, 1.0, "")),
            ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"].map(|text| text.replace("0.0", "0"))
        );
        assert_eq!(texts(&Axis::new(-2.0, 2.0, "")), ["−2", "−1", "0", "1", "2"]);
        assert_eq!(texts(&Axis::log([0.02, 50.0], "")), ["10⁻²", "10⁻¹", "1", "10", "10²"]);
    }

    #[test]
    fn hopeless_ranges_still_make_an_axis() {
        for (low, high) in
            [(f64::NAN, 1.0), (1.0, 1.0), (0.0, 0.0), (f64::NEG_INFINITY, f64::INFINITY), (-1e308, 1e308)]
        {
            let axis = Axis::new(low, high, "x");
            assert!(axis.low.is_finite() && axis.high > axis.low);
            axis.ticks(100.0, Direction::Horizontal);
        }
        assert_eq!(Axis::tight([f64::NAN], "x").high, 1.0);
    }
}
