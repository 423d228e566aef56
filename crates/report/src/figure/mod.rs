//! Figures: one file a kind of drawing, all on the same axes, inks and letter sizes.

pub(crate) mod adjacency;
pub(crate) mod axis;
pub(crate) mod beeswarm;
pub(crate) mod binned_map;
pub(crate) mod color_bar;
pub(crate) mod control;
pub(crate) mod curves;
pub(crate) mod damage;
pub(crate) mod density;
pub(crate) mod dots;
pub(crate) mod heatmap;
pub(crate) mod histogram;
pub(crate) mod legend;
pub(crate) mod null_models;
pub(crate) mod overlaid;
pub(crate) mod plot;
pub(crate) mod projection;
pub(crate) mod raster;
pub(crate) mod relation;
pub(crate) mod scatter;
pub(crate) mod shaded;
pub(crate) mod spectrum;
pub(crate) mod traces;
pub(crate) mod value_grid;

use crate::number::grouped;
use crate::svg::Svg;

/// One or more panels under a title and above a caption.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    /// Name that the files and the element id begin with.
    pub(crate) stem: &'static str,
    /// What it shows, in a few words.
    pub(crate) title: String,
    /// What to look for.
    pub(crate) caption: String,
    /// The drawings.
    pub(crate) panels: Vec<Panel>,
}

/// One drawing.
#[derive(Debug, Clone)]
pub(crate) struct Panel {
    /// Name of its file, without ending.
    pub(crate) stem: String,
    /// What a screen reader says.
    pub(crate) description: String,
    /// The share of the page it takes.
    pub(crate) span: Span,
    /// The drawing.
    pub(crate) svg: Svg,
}

/// The share of the page's width that a panel takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Span {
    /// All of it.
    Full,
    /// A half.
    Half,
    /// A third.
    Third,
}

impl Span {
    /// Width in user units; gaps between panels are 20.
    pub(crate) fn width(self) -> f64 {
        match self {
            Self::Full => 800.0,
            Self::Half => 390.0,
            Self::Third => 253.0,
        }
    }

    /// Name of its CSS class.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Half => "half",
            Self::Third => "third",
        }
    }
}

impl Figure {
    /// Whether the caption stands beside the drawing: a single half panel would leave the other half empty.
    pub(crate) fn beside(&self) -> bool {
        self.panels.len() == 1 && self.panels.iter().all(|panel| panel.span == Span::Half)
    }
}

/// The sentence that says what grey fields of a heat map are; empty where there are none.
pub(crate) fn missing_note<'a>(values: impl IntoIterator<Item = &'a f64>) -> String {
    let missing = values.into_iter().any(|value| !value.is_finite());
    if missing { " Grey fields are missing.".to_owned() } else { String::new() }
}

/// The sentence that owns up to values which could not be drawn; empty where there are none.
pub(crate) fn skipped_note<'a>(values: impl IntoIterator<Item = &'a f64>) -> String {
    match values.into_iter().filter(|value| !value.is_finite()).count() {
        0 => String::new(),
        1 => " One value that is missing or not finite is left out.".to_owned(),
        skipped => {
            format!(" {} values that are missing or not finite are left out.", grouped(skipped as f64))
        }
    }
}

/// The value below which a fraction of the finite sizes lie: a colour range that outliers do not own.
pub(crate) fn size_quantile<'a>(values: impl IntoIterator<Item = &'a f64>, fraction: f64) -> Option<f64> {
    let sizes = values.into_iter().map(|value| value.abs());
    quantile(sizes, fraction)
}

/// The value below which a fraction of the finite values lie.
pub(crate) fn quantile(values: impl IntoIterator<Item = f64>, fraction: f64) -> Option<f64> {
    let mut finite: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
    finite.sort_by(f64::total_cmp);
    let last = finite.len().checked_sub(1)?;
    finite.get((fraction * last as f64).round() as usize).copied()
}
