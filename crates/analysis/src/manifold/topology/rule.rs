//! From bars and a dimension to a word.

use super::{Bar, Measured};

/// The space that the points fill.
///
/// With p the lifetime of a bar, q that of the next bar of its dimension, D the largest geodesic, N the longest bar of
/// that dimension in any shuffled table (all lifetimes in median edges of their own graph), a bar stands out if all of
///
/// | | loops (H1) | cavities (H2) |
/// |---|---|---|
/// | death / birth at least | 2.4 | 1.5 |
/// | p / D at least | 0.15 | 0.12 |
/// | p / N at least | 1.3 | 1.3 |
/// | p / q at least (of the last that stands out) | 1.3 | 1.5 |
///
/// and the dimension d of the geodesics counts as 1 below 1.4 and as 2 from there to 2.2, given that it is at most 0.9 of the median
/// dimension of the shuffled tables (otherwise nothing holds the features together).
///
/// | loops | cavities | d | verdict |
/// |---|---|---|---|
/// | 1, p / D at least 0.45 | any | 1 | ring (of an even circle p / D is 2/3 less one birth) |
/// | 0 | any | 1 | interval |
/// | 0 | 0 | 2 | square: a filled sheet |
/// | 1 | 0 | 2 | cylinder |
/// | 2 | 1 | 2 | torus |
/// | 0 | 1 | 2 | sphere |
///
/// Anything else is unclear. The confidence is the smallest margin `1 - threshold / value` (or `1 - value / threshold` where
/// a number has to stay below) of the conditions that decided, with the distance of d from the nearest border over 0.4 among them.
/// A verdict whose confidence is below [`LEAST_CONFIDENCE`] is unclear too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// A circle.
    Ring,
    /// A line with two ends.
    Interval,
    /// A filled sheet.
    Square,
    /// The product of two circles.
    Torus,
    /// The product of a circle and a line with two ends.
    Cylinder,
    /// The surface of a ball.
    Sphere,
    /// None of these stands out.
    Unclear,
}

/// The confidence from which on a verdict is given, 0.05: a condition that is met by less than a twentieth is one that
/// another sample of the same circuit may miss.
pub const LEAST_CONFIDENCE: f64 = 0.05;

/// What the rule reads.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// Correlation dimension of the geodesics.
    pub dimension: f64,
    /// Its median over the shuffled tables.
    pub dimension_null: f64,
    /// Loops that stand out, 0 to 2.
    pub n_loops: usize,
    /// Cavities that stand out, 0 or 1.
    pub n_cavities: usize,
    /// Lifetimes of the three longest bars of H1, in median edges.
    pub loops: [f64; 3],
    /// Lifetime of the longest bar of H1 over the largest geodesic: near 2/3 for a ring, less for a loop with tails.
    pub loop_share: f64,
    /// Longest bar of H1 in any shuffled table, in median edges of its graph.
    pub loops_null: f64,
    /// Lifetimes of the two longest bars of H2, in median edges.
    pub cavities: [f64; 2],
    /// Longest bar of H2 in any shuffled table.
    pub cavities_null: f64,
    loop_margins: Margins,
    cavity_margins: Margins,
}

/// Thresholds for the bars of one dimension.
struct Thresholds {
    ratio: f64,
    of_diameter: f64,
    over_null: f64,
    over_next: f64,
}

const LOOPS: Thresholds = Thresholds { ratio: 2.4, of_diameter: 0.15, over_null: 1.3, over_next: 1.3 };
const CAVITIES: Thresholds = Thresholds { ratio: 1.5, of_diameter: 0.12, over_null: 1.3, over_next: 1.5 };
/// Dimensions below count as 1.
const LINE: f64 = 1.4;
/// Dimensions up to here count as 2.
const SHEET: f64 = 2.2;
/// A loop below this share of the largest geodesic has tails: an interval with a shortcut, say.
const RING_SHARE: f64 = 0.45;
const MAX_OF_NULL: f64 = 0.9;
/// Dimension at this distance from a border is beyond doubt.
const SURE: f64 = 0.4;

/// How many bars stand out, and how clearly.
#[derive(Debug, Clone, PartialEq)]
struct Margins {
    n_bars: usize,
    confidence: f64,
}

impl Evidence {
    pub(super) fn new(measured: &Measured, nulls: &[Measured]) -> Self {
        let longest = |dimension: usize| {
            let of_null = |null: &Measured| lifetime(&null.bars[dimension], 0) / null.edge;
            nulls.iter().map(of_null).fold(0.0, f64::max)
        };
        let (loops_null, cavities_null) = (longest(1), longest(2));
        let lifetimes =
            |dimension: usize, rank: usize| lifetime(&measured.bars[dimension], rank) / measured.edge;
        let loop_margins = LOOPS.count(measured, 1, (loops_null, 2));
        let cavity_margins = CAVITIES.count(measured, 2, (cavities_null, 1));
        let mut dimensions: Vec<f64> = nulls.iter().map(|null| null.dimension).collect();
        dimensions.sort_unstable_by(f64::total_cmp);
        Self {
            dimension: measured.dimension,
            dimension_null: dimensions[dimensions.len() / 2],
            n_loops: loop_margins.n_bars,
            n_cavities: cavity_margins.n_bars,
            loops: std::array::from_fn(|rank| lifetimes(1, rank)),
            loop_share: lifetime(&measured.bars[1], 0) / measured.diameter,
            loops_null,
            cavities: std::array::from_fn(|rank| lifetimes(2, rank)),
            cavities_null,
            loop_margins,
            cavity_margins,
        }
    }

    /// The verdict and its confidence.
    pub(super) fn verdict(&self) -> (Verdict, f64) {
        let verdict = match (self.dimension_class(), self.n_loops, self.n_cavities) {
            (Some(1), 1, _) if self.loop_share >= RING_SHARE => Verdict::Ring,
            (Some(1), 0, _) => Verdict::Interval,
            (Some(2), 0, 0) => Verdict::Square,
            (Some(2), 1, 0) => Verdict::Cylinder,
            (Some(2), 2, 1) => Verdict::Torus,
            (Some(2), 0, 1) => Verdict::Sphere,
            _ => return (Verdict::Unclear, 0.0),
        };
        let is_line = matches!(verdict, Verdict::Ring | Verdict::Interval);
        let cavities = if is_line { 1.0 } else { self.cavity_margins.confidence };
        let closed = if verdict == Verdict::Ring {
            (self.loop_share - RING_SHARE) / (2.0 / 3.0 - RING_SHARE)
        } else {
            1.0
        };
        let confidence = self.dimension_margin().min(closed).min(self.loop_margins.confidence).min(cavities);
        if confidence >= LEAST_CONFIDENCE { (verdict, confidence.min(1.0)) } else { (Verdict::Unclear, 0.0) }
    }

    fn dimension_class(&self) -> Option<usize> {
        if self.dimension > MAX_OF_NULL * self.dimension_null || !self.dimension.is_finite() {
            return None;
        }
        match self.dimension {
            d if d < LINE => Some(1),
            d if d <= SHEET => Some(2),
            _ => None,
        }
    }

    fn dimension_margin(&self) -> f64 {
        let d = self.dimension;
        let to_border = if d < LINE { LINE - d } else { (d - LINE).min(SHEET - d) };
        (to_border / SURE).min(1.0 - d / (MAX_OF_NULL * self.dimension_null))
    }
}

impl Thresholds {
    /// How many of the longest bars stand out, at most `most`, and by how much.
    fn count(&self, measured: &Measured, dimension: usize, (null, most): (f64, usize)) -> Margins {
        let bars = &measured.bars[dimension];
        let value = |rank: usize| self.standing(measured, bars.get(rank), null);
        for n_bars in (1..=most).rev() {
            let next = lifetime(bars, n_bars);
            let over_next = lifetime(bars, n_bars - 1) / (next * self.over_next);
            let value = value(n_bars - 1).min(over_next);
            if value >= 1.0 {
                return Margins { n_bars, confidence: 1.0 - 1.0 / value };
            }
        }
        Margins { n_bars: 0, confidence: 1.0 - value(0) }
    }

    /// The smallest of a bar's numbers over their thresholds: at least 1 if it stands out.
    fn standing(&self, measured: &Measured, bar: Option<&Bar>, null: f64) -> f64 {
        let Some(bar) = bar else { return 0.0 };
        let lifetime = bar.lifetime();
        let ratio = bar.death / bar.birth.max(f64::MIN_POSITIVE) / self.ratio;
        let of_diameter = lifetime / measured.diameter / self.of_diameter;
        let over_null = lifetime / measured.edge / (null * self.over_null);
        ratio.min(of_diameter).min(over_null)
    }
}

fn lifetime(bars: &[Bar], rank: usize) -> f64 {
    bars.get(rank).map_or(0.0, Bar::lifetime)
}
