//! Distributions on top of each other, as outlines.

use super::axis::Axis;
use super::legend::Entry;
use super::plot::{Layout, Plot};
use super::{Panel, Span};
use crate::data::SetHistogram;
use crate::palette::category;
use crate::svg::Stroke;

/// Shares by bin; the first series is filled.
pub(crate) fn overlaid(stem: &str, histogram: &SetHistogram) -> Panel {
    let x = Axis::tight(histogram.edges.iter().copied(), &histogram.name);
    let highest =
        histogram.series.iter().flat_map(|series| series.values.iter().copied()).fold(0.0, f64::max);
    let y = Axis::new(0.0, 1.05 * highest.max(1e-9), "share of circuits");
    let mut layout = Layout::new((Span::Half.width(), 250.0), x, y);
    let entries = histogram.series.iter().enumerate();
    layout.legend = entries.map(|(rank, series)| entry(rank, &series.name)).collect();
    let mut plot = Plot::new(layout);
    for (rank, series) in histogram.series.iter().enumerate() {
        let x: Vec<f64> = histogram.edges.windows(2).flat_map(|pair| [pair[0], pair[1]]).collect();
        let y: Vec<f64> = series.values.iter().flat_map(|&share| [share, share]).collect();
        if rank == 0 {
            plot.band(&x, (&vec![0.0; y.len()], &y), &category(7));
        }
        plot.line(&x, &y, &stroke(rank));
    }
    let description = format!("{}: distributions of {} sets", histogram.name, histogram.series.len());
    Panel { stem: stem.to_owned(), description, span: Span::Half, svg: plot.svg }
}

fn stroke(rank: usize) -> Stroke {
    match rank {
        0 => Stroke::new(&category(7), 1.6),
        rank => Stroke::new(&category(rank - 1), 1.5),
    }
}

fn entry(rank: usize, name: &str) -> Entry {
    if rank == 0 { Entry::patch(&category(7), name) } else { Entry::line(stroke(rank), name) }
}
