//! Histograms on a logarithmic count axis.

use super::axis::Axis;
use super::legend::Entry;
use super::plot::{Layout, Plot};
use super::{Panel, Span};
use crate::data::Histogram;
use crate::palette::category;
use crate::svg::Stroke;

/// One or more counted series as steps; the first is filled.
pub(crate) fn steps(stem: &str, title: &str, x_name: &str, histogram: &Histogram) -> Panel {
    let counts = || histogram.series.iter().flat_map(|series| series.values.iter().copied());
    let x = Axis::tight(histogram.edges.iter().copied(), x_name);
    let y = Axis::log(counts().chain([1.0]), "count");
    let mut layout = Layout::new((Span::Half.width(), 340.0), x, y);
    layout.title = title.to_owned();
    if histogram.series.len() > 1 {
        let entries = histogram.series.iter().enumerate();
        layout.legend = entries.map(|(rank, series)| entry(rank, &series.name)).collect();
    }
    let mut plot = Plot::bare(layout);
    for (rank, series) in histogram.series.iter().enumerate() {
        let (edges, heights) = staircase(&histogram.edges, &series.values, plot.y.low);
        if rank == 0 {
            let floor = vec![plot.y.low; edges.len()];
            plot.band(&edges, (&floor, &heights), &category(rank));
        }
        plot.line(&edges, &heights, &stroke(rank));
    }
    plot.x_axis();
    plot.y_axis();
    let description = format!("{title}: histogram with {} bins", histogram.edges.len().saturating_sub(1));
    Panel { stem: stem.to_owned(), description, span: Span::Half, svg: plot.svg }
}

fn stroke(rank: usize) -> Stroke {
    if rank == 0 { Stroke::new(&category(0), 1.2) } else { Stroke::new(&category(rank), 1.2).dashed("4 2.5") }
}

fn entry(rank: usize, name: &str) -> Entry {
    if rank == 0 { Entry::patch(&category(0), name) } else { Entry::line(stroke(rank), name) }
}

/// Each bin as a flat step; an empty bin lies on the floor of the log axis.
fn staircase(edges: &[f64], counts: &[f64], floor: f64) -> (Vec<f64>, Vec<f64>) {
    let mut x = Vec::with_capacity(2 * counts.len());
    let mut y = Vec::with_capacity(2 * counts.len());
    for (pair, &count) in edges.windows(2).zip(counts) {
        x.extend_from_slice(pair);
        let height = if count.is_finite() { count.max(floor) } else { f64::NAN };
        y.extend_from_slice(&[height, height]);
    }
    (x, y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_become_steps() {
        let (x, y) = staircase(&[0.0, 1.0, 2.0], &[3.0, 0.0], 0.1);
        assert_eq!(x, [0.0, 1.0, 1.0, 2.0]);
        assert_eq!(y, [3.0, 3.0, 0.1, 0.1]);
    }
}
