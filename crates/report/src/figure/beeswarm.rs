//! Beeswarms: one row a feature, one dot a circuit, coloured by the value of the feature.

use super::axis::{Axis, TICK_SIZE};
use super::plot::{Area, Layout, Plot};
use super::{Panel, Span};
use crate::data::{Attribution, Shades};
use crate::palette::{N_SCALE, scale_ink};
use crate::svg::{Anchor, Lettering, Stroke};

const ROW: f64 = 30.0;
const RADIUS: f64 = 1.9;

/// SHAP values of the strongest features.
pub(crate) fn beeswarm(stem: &str, given: &Attribution) -> Panel {
    let all = given.rows.iter().flat_map(|row| row.shap.iter().copied());
    let x = Axis::padded(all.chain([0.0]), &format!("SHAP value: effect on the predicted {}", given.metric));
    let height = 34.0 + ROW * given.rows.len() as f64 + 40.0;
    let mut layout = Layout::new((Span::Full.width(), height), x, Axis::new(0.0, 1.0, ""));
    layout.title.clone_from(&given.metric);
    layout.names_width = 52.0;
    layout.right = 112.0;
    let mut plot = Plot::bare(layout);
    plot.x_axis();
    let zero = plot.at(0.0, 0.0).0;
    let (top, bottom) = (plot.area.top, plot.area.top + plot.area.height);
    plot.svg.line((zero, top), (zero, bottom), &Stroke::new("var(--ink)", 0.9).faint(0.5));
    for (rank, row) in given.rows.iter().enumerate() {
        let y = plot.area.top + (rank as f64 + 0.5) * ROW;
        let name = Lettering::new(TICK_SIZE).anchored(Anchor::End).inked("var(--ink)");
        plot.svg.text((plot.area.left - 8.0, y + 3.7), &name, &row.name);
        swarm(&mut plot, (&row.shap, &row.value), y);
    }
    key(&mut plot);
    let description = format!("SHAP values of {} latent numbers for {}", given.rows.len(), given.metric);
    Panel { stem: stem.to_owned(), description, span: Span::Full, svg: plot.svg }
}

/// Dots beside each other where they would overlap, as far as the row goes.
fn swarm(plot: &mut Plot, (shap, value): (&[f64], &[f64]), middle: f64) {
    let ranks = ranks(value);
    let mut order: Vec<usize> = (0..shap.len()).filter(|&one| shap[one].is_finite()).collect();
    order.sort_by(|&a, &b| shap[a].total_cmp(&shap[b]));
    let slot = 2.0 * RADIUS;
    let n_lanes = ((ROW - 4.0) / slot) as usize;
    // The right end of the last dot in each lane; lanes go up and down from the middle in turn.
    let mut ends = vec![f64::NEG_INFINITY; n_lanes.max(1)];
    for one in order {
        let x = plot.at(shap[one], 0.0).0;
        let free = ends.iter().position(|&end| end <= x - slot);
        let lane = free.unwrap_or_else(|| one % ends.len());
        ends[lane] = x;
        let away = lane.div_ceil(2) as f64 * slot * if lane % 2 == 0 { 1.0 } else { -1.0 };
        let dot = plot.svg.element("circle").at("cx", x).at("cy", middle + away).at("r", RADIUS);
        dot.with("fill", &scale_ink(Shades::Sequential, ranks[one])).at("fill-opacity", 0.9).end();
    }
}

/// Rank of each value, 0 lowest to 1 highest: outliers must not own the colours.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let last = values.len().saturating_sub(1).max(1) as f64;
    let mut ranks = vec![0.5; values.len()];
    order.into_iter().enumerate().for_each(|(rank, one)| ranks[one] = rank as f64 / last);
    ranks
}

fn key(plot: &mut Plot) {
    let left = plot.area.left + plot.area.width + 24.0;
    let height = (0.6 * plot.area.height).clamp(40.0, 130.0);
    let bar = Area { left, top: plot.area.top + 14.0, width: 9.0, height };
    let part = bar.height / N_SCALE as f64;
    for rank in 0..N_SCALE {
        let y = bar.top + bar.height - (rank + 1) as f64 * part;
        let rect = plot.svg.element("rect").at("x", bar.left).at("y", y).at("width", bar.width);
        rect.at("height", part)
            .with("fill", &scale_ink(Shades::Sequential, rank as f64 / (N_SCALE - 1) as f64))
            .end();
    }
    let lettering = Lettering::new(TICK_SIZE);
    plot.svg.text((bar.left + 14.0, bar.top + 8.0), &lettering, "high");
    plot.svg.text((bar.left + 14.0, bar.top + bar.height), &lettering, "low");
    plot.svg.text((bar.left - 4.0, bar.top - 6.0), &lettering, "latent value");
}
