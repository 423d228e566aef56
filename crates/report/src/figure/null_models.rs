//! An observed number among those of random graphs; z-scores of motifs.

use super::axis::{Axis, TICK_SIZE};
use super::legend::Entry;
use super::plot::{Layout, Plot, spine};
use super::scatter::marker;
use super::{Panel, Span};
use crate::data::NullModelResult;
use crate::number::readable;
use crate::palette::category;
use crate::svg::{Anchor, Lettering, Stroke};

const N_BINS: usize = 16;

/// How one number is distributed under each null model, and where the observed one lies. `None` where no model
/// has it.
pub(crate) fn distributions(stem: &str, name: &str, nulls: &[NullModelResult]) -> Option<Panel> {
    let rows: Vec<_> = nulls
        .iter()
        .enumerate()
        .filter_map(|(rank, null)| Some((rank, null.rows.iter().find(|row| row.name == name)?)))
        .collect();
    let observed = rows.first().map(|(_, row)| row.observed).filter(|observed| observed.is_finite())?;
    let values = || rows.iter().flat_map(|(_, row)| row.values.iter().copied()).chain([observed]);
    let x = Axis::padded(values(), name);
    let histograms: Vec<(usize, Vec<f64>)> =
        rows.iter().map(|(rank, row)| (*rank, shares(&row.values, &x))).collect();
    let highest = histograms.iter().flat_map(|(_, shares)| shares.iter().copied()).fold(0.0, f64::max);
    let width = (x.high - x.low) / N_BINS as f64;
    let edges: Vec<f64> = (0..=N_BINS).map(|bin| x.low + width * bin as f64).collect();
    let y = Axis::new(0.0, 1.15 * highest.max(0.1), "share of samples");
    let mut plot = Plot::bare(Layout::new((Span::Third.width(), 220.0), x, y));
    for (rank, shares) in &histograms {
        let at = |bin: usize| [edges[bin], edges[bin + 1]];
        let steps: Vec<f64> = (0..N_BINS).flat_map(at).collect();
        let heights: Vec<f64> = shares.iter().flat_map(|&share| [share, share]).collect();
        plot.band(&steps, (&vec![0.0; steps.len()], &heights), &category(rank + 1));
        plot.line(&steps, &heights, &Stroke::new(&category(rank + 1), 1.1));
    }
    plot.x_axis();
    plot.y_axis();
    let (x, top) = (plot.at(observed, 0.0).0, plot.area.top);
    let stroke = Stroke::new("var(--ink)", 1.6).dashed("4 2.5");
    plot.svg.line((x, top), (x, top + plot.area.height), &stroke);
    let right = x > plot.area.left + 0.6 * plot.area.width;
    let lettering = Lettering::new(TICK_SIZE).inked("var(--ink)").anchored(if right {
        Anchor::End
    } else {
        Anchor::Start
    });
    plot.svg.text((if right { x - 5.0 } else { x + 5.0 }, top + 10.0), &lettering, &readable(observed));
    let description = format!("{name}: observed {} among {} null models", readable(observed), rows.len());
    Some(Panel { stem: stem.to_owned(), description, span: Span::Third, svg: plot.svg })
}

/// Share of the values in each bin of the axis.
fn shares(values: &[f64], axis: &Axis) -> Vec<f64> {
    let mut counts = [0.0; N_BINS];
    let finite: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    for value in &finite {
        counts[((axis.fraction(*value) * N_BINS as f64) as usize).min(N_BINS - 1)] += 1.0;
    }
    counts.iter().map(|count| count / finite.len().max(1) as f64).collect()
}

/// z-scores of the rows whose name begins with `prefix`, one series a null model. `None` where there are none.
pub(crate) fn profile(stem: &str, prefix: &str, nulls: &[NullModelResult]) -> Option<Panel> {
    let names: Vec<String> = nulls
        .first()?
        .rows
        .iter()
        .filter_map(|row| row.name.strip_prefix(prefix).map(ToOwned::to_owned))
        .collect();
    if names.is_empty() {
        return None;
    }
    let scores = |null: &NullModelResult| -> Vec<f64> {
        null.rows.iter().filter(|row| row.name.starts_with(prefix)).map(|row| row.z_score).collect()
    };
    let all = nulls.iter().flat_map(scores);
    let y = Axis::padded(all.chain([-2.5, 2.5]), "z-score");
    let mut layout =
        Layout::new((Span::Full.width(), 320.0), Axis::new(-0.5, names.len() as f64 - 0.5, "triad"), y);
    let keys = nulls.iter().enumerate();
    layout.legend = keys
        .map(|(rank, null)| {
            Entry::line(Stroke::new(&category(rank + 1), 1.6), &format!("against {}", null.name))
        })
        .collect();
    let mut plot = Plot::bare(layout);
    let ends = [-0.5, names.len() as f64 - 0.5];
    plot.band(&ends, (&[-2.0, -2.0], &[2.0, 2.0]), "var(--ink-faint)");
    plot.level(0.0, &Stroke::new("var(--ink)", 0.8).faint(0.6));
    plot.y_axis();
    named_axis(&mut plot, &names);
    for (rank, null) in nulls.iter().enumerate() {
        let scores = scores(null);
        let places: Vec<f64> = (0..scores.len()).map(|place| place as f64).collect();
        plot.line(&places, &scores, &Stroke::new(&category(rank + 1), 1.1).faint(0.7));
        for (&place, &score) in places.iter().zip(&scores).filter(|(_, score)| score.is_finite()) {
            let at = plot.at(place, score);
            marker(rank + 1, at, 3.6).draw(&mut plot.svg, 1.0);
        }
    }
    let description = format!("z-scores of {} triads against {} null models", names.len(), nulls.len());
    Some(Panel { stem: stem.to_owned(), description, span: Span::Full, svg: plot.svg })
}

fn named_axis(plot: &mut Plot, names: &[String]) {
    let bottom = plot.area.top + plot.area.height;
    plot.svg.line((plot.area.left, bottom), (plot.area.left + plot.area.width, bottom), &spine());
    let lettering = Lettering::new(TICK_SIZE).anchored(Anchor::Middle);
    for (place, name) in names.iter().enumerate() {
        let x = plot.at(place as f64, plot.y.low).0;
        plot.svg.text((x, bottom + 16.0), &lettering, name);
    }
    plot.x_label(bottom + 32.0);
}
