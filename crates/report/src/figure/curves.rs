//! Curves: functions of activity by group, with single neurons, bands and the truth; and scores over time.

use super::axis::Axis;
use super::legend::Entry;
use super::plot::{Layout, Plot};
use super::scatter::marker;
use super::{Panel, Span, quantile};
use crate::data::{FunctionGroup, Histogram, Rollout};
use crate::palette::{N_CATEGORIES, category};
use crate::svg::{Lettering, Stroke, polyline, text_width};

/// Functions with the names of their axes.
#[derive(Debug, Clone)]
pub(crate) struct FunctionPlot<'a> {
    pub(crate) title: &'a str,
    pub(crate) axis_names: (String, String),
    pub(crate) groups: &'a [FunctionGroup],
    /// What the dashed lines are: `true`, or `formula`.
    pub(crate) dashed: &'a str,
    /// Drawn as a strip along the bottom.
    pub(crate) occupancy: Option<&'a Histogram>,
    pub(crate) span: Span,
}

/// Draws functions: neurons faint, their middle strong, the truth dashed on top.
pub(crate) fn functions(stem: &str, given: &FunctionPlot) -> Panel {
    let visited = given.occupancy.iter().flat_map(|histogram| histogram.edges.iter().copied());
    let x = Axis::tight(
        given.groups.iter().flat_map(|group| group.x.iter().copied()).chain(visited),
        &given.axis_names.0,
    );
    let y = Axis::padded(given.groups.iter().flat_map(curve_values), &given.axis_names.1);
    let mut layout = Layout::new((given.span.width(), 340.0), x, y);
    layout.title = given.title.to_owned();
    layout.legend = function_legend(given.groups, given.dashed);
    let mut plot = Plot::new(layout);
    let (zero, hairline) = (0.0, Stroke::new("var(--rule)", 0.9));
    plot.level(zero, &hairline);
    if let Some(occupancy) = given.occupancy {
        strip(&mut plot, occupancy);
    }
    given.groups.iter().enumerate().for_each(|(rank, group)| draw_group(&mut plot, rank, group));
    for group in given.groups {
        plot.line(&group.x, &group.truth, &truth_stroke());
    }
    let description = format!("{}: {} groups of curves", given.title, given.groups.len());
    Panel { stem: stem.to_owned(), description, span: given.span, svg: plot.svg }
}

/// R² and slope of a rollout over frames, with published numbers.
pub(crate) fn rollout_scores(stem: &str, rollout: &Rollout) -> Panel {
    let last = rollout.published.iter().map(|published| published.frame);
    let x = Axis::tight(rollout.frames.iter().copied().chain([0.0]).chain(last), "frames since the start");
    let scores =
        || rollout.r2.iter().chain(&rollout.slope).copied().chain(rollout.published.iter().map(|one| one.r2));
    // One diverged frame must not flatten everything else.
    let low = quantile(scores(), 0.02).unwrap_or(0.0).clamp(-0.5, 0.0);
    let high = quantile(scores(), 0.98).unwrap_or(1.0).clamp(1.02, 1.5);
    let mut layout = Layout::new((Span::Full.width(), 270.0), x, Axis::new(low, high, "score over neurons"));
    let (r2, slope) = (Stroke::new(&category(0), 1.8), Stroke::new(&category(1), 1.5).dashed("5 3"));
    layout.legend = vec![Entry::line(r2.clone(), "R²"), Entry::line(slope.clone(), "slope")];
    if !rollout.published.is_empty() {
        layout.legend.push(Entry::marker(7, "published R²"));
    }
    layout.right = 20.0;
    let mut plot = Plot::new(layout);
    plot.level(1.0, &Stroke::new("var(--rule)", 0.9));
    plot.line(&rollout.frames, &rollout.r2, &r2);
    plot.line(&rollout.frames, &rollout.slope, &slope);
    published_marks(&mut plot, rollout);
    let description = "R² and slope of the free-running model against the truth over frames".to_owned();
    Panel { stem: stem.to_owned(), description, span: Span::Full, svg: plot.svg }
}

/// Mean silhouette against the number of types.
pub(crate) fn silhouette(stem: &str, points: &[(f64, f64)], chosen: usize) -> Panel {
    let (k, score): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
    let x = Axis::padded(k.iter().copied(), "number of types k");
    let y = Axis::padded(score.iter().copied().chain([0.0]), "mean silhouette");
    let mut layout = Layout::new((Span::Half.width(), 350.0), x, y);
    layout.title = "Number of types".to_owned();
    let mut plot = Plot::new(layout);
    plot.line(&k, &score, &Stroke::new(&category(0), 1.5));
    for &(k, score) in points.iter().filter(|point| point.1.is_finite()) {
        let at = plot.at(k, score);
        let radius = if k == chosen as f64 { 5.0 } else { 2.6 };
        marker(0, at, radius).draw(&mut plot.svg, 1.0);
        if k == chosen as f64 {
            chosen_line(&mut plot, at, chosen);
        }
    }
    let description = format!("Mean silhouette against the number of types; {chosen} chosen");
    Panel { stem: stem.to_owned(), description, span: Span::Half, svg: plot.svg }
}

/// A dashed line from the chosen number down to the axis.
fn chosen_line(plot: &mut Plot, at: (f64, f64), chosen: usize) {
    let bottom = plot.area.top + plot.area.height;
    plot.svg.line(
        (at.0, at.1 + 6.0),
        (at.0, bottom),
        &Stroke::new("var(--ink)", 1.0).dashed("3 3").faint(0.6),
    );
    let text = format!("chosen: {chosen}");
    let width = text_width(&text, 11.0);
    let room = plot.area.left + plot.area.width;
    let x = if at.0 + 8.0 + width < room { at.0 + 8.0 } else { at.0 - 8.0 - width };
    plot.svg.text((x, bottom - 9.0), &Lettering::new(11.0).inked("var(--ink)"), &text);
}

/// All values that a group of curves draws.
pub(crate) fn curve_values(group: &FunctionGroup) -> impl Iterator<Item = f64> {
    let lists = [&group.center, &group.lower, &group.upper, &group.truth];
    lists.into_iter().chain(&group.neurons).flatten().copied()
}

fn truth_stroke() -> Stroke {
    Stroke::new("var(--ink)", 1.1).dashed("3.5 2.5")
}

fn function_legend(groups: &[FunctionGroup], dashed: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    if groups.len() > 1 {
        let named = groups.iter().enumerate();
        entries
            .extend(named.map(|(rank, group)| Entry::line(Stroke::new(&category(rank), 2.0), &group.name)));
    } else if let Some(only) = groups.first().filter(|group| !group.center.is_empty()) {
        entries.push(Entry::line(
            Stroke::new(&category(0), 2.0),
            if only.name.is_empty() { "learned" } else { &only.name },
        ));
    }
    if groups.iter().any(|group| !group.truth.is_empty()) {
        entries.push(Entry::line(truth_stroke(), dashed));
    }
    entries
}

fn draw_group(plot: &mut Plot, rank: usize, group: &FunctionGroup) {
    let color = category(rank);
    if !group.lower.is_empty() && !group.upper.is_empty() {
        plot.band(&group.x, (&group.lower, &group.upper), &color);
    }
    let faint = Stroke::new(&color, 0.7).faint(0.22);
    let commands: String = group.neurons.iter().map(|neuron| plot.through(&group.x, neuron)).collect();
    plot.inside(|svg| svg.path(&commands, &faint));
    let width = if rank < N_CATEGORIES { 1.9 } else { 1.4 };
    plot.line(&group.x, &group.center, &Stroke::new(&color, width));
}

/// How often each activity was visited: a low filled shape on the bottom of the area.
fn strip(plot: &mut Plot, occupancy: &Histogram) {
    let Some(series) = occupancy.series.first() else { return };
    let fullest = series.values.iter().copied().filter(|count| count.is_finite()).fold(0.0, f64::max);
    let area = plot.area;
    let bottom = area.top + area.height;
    let mut outline = Vec::new();
    for (pair, &count) in occupancy.edges.windows(2).zip(&series.values) {
        let share = if count.is_finite() && fullest > 0.0 { count / fullest } else { 0.0 };
        outline.extend(pair.iter().map(|&edge| (plot.at(edge, plot.y.low).0, bottom - 30.0 * share)));
    }
    if let (Some(first), Some(last)) = (outline.first().copied(), outline.last().copied()) {
        outline.extend([(last.0, bottom), (first.0, bottom)]);
        let commands = polyline(outline);
        plot.inside(|svg| svg.fill(&commands, "var(--ink-faint)", 0.3));
    }
}

fn published_marks(plot: &mut Plot, rollout: &Rollout) {
    let marks = rollout.published.iter().filter(|one| one.frame.is_finite() && one.r2.is_finite());
    for published in marks {
        let at = plot.at(published.frame, published.r2);
        marker(7, at, 5.0).draw(&mut plot.svg, 1.0);
        let width = text_width(&published.label, 10.5);
        let x = if at.0 + 10.0 + width > plot.svg.size.0 { at.0 - 10.0 - width } else { at.0 + 10.0 };
        plot.svg.text((x, at.1 + 14.0), &Lettering::new(10.5), &published.label);
    }
}
