//! A layer's units, cut where one of them changes sign, and switched off where they are negative.

use super::{Lines, Stage};

/// The activations of units with these sums on the pieces between `edges`; and the finer edges.
#[inline(always)]
pub(super) fn cut(sums: Lines, edges: &[f64]) -> (Stage, Vec<f64>) {
    let n_units = sums.n_units;
    let mut stage = Stage {
        lines: Lines { n_units, slopes: Vec::new(), shifts: Vec::new() },
        on: Vec::new(),
        parents: Vec::new(),
    };
    let mut finer = Vec::new();
    let mut kinks = Vec::new();
    let mut from = f64::NEG_INFINITY;
    let ends = edges.iter().copied().chain([f64::INFINITY]);
    for (piece, ((slopes, shifts), to)) in sums.pieces().zip(ends).enumerate() {
        kinks.clear();
        kinks.extend(
            slopes.iter().zip(shifts).map(|(slope, shift)| -shift / slope).filter(|x| from < *x && *x < to),
        );
        kinks.sort_unstable_by(f64::total_cmp);
        kinks.dedup();
        kinks.push(to);
        let mut begin = from;
        for end in &kinks {
            add_piece(&mut stage, (slopes, shifts), inside(begin, *end));
            stage.parents.push(piece);
            finer.push(*end);
            begin = *end;
        }
        from = to;
    }
    finer.pop();
    (stage, finer)
}

/// A piece on which each unit is on or off as it is at `x`. A NaN stays on, so that it shows.
#[inline(always)]
fn add_piece(stage: &mut Stage, (slopes, shifts): (&[f64], &[f64]), x: f64) {
    let start = stage.on.len();
    stage.on.extend(slopes.iter().zip(shifts).map(
        |(slope, shift)| {
            if slope * x + shift <= 0.0 { 0.0 } else { 1.0 }
        },
    ));
    let on = &stage.on[start..];
    // By choice, not by product: 0 times infinity is no zero.
    let pick = |(value, on): (&f64, &f64)| if *on == 0.0 { 0.0 } else { *value };
    stage.lines.slopes.extend(slopes.iter().zip(on).map(pick));
    stage.lines.shifts.extend(shifts.iter().zip(on).map(pick));
}

/// A point between two edges, of which one or both may be infinite.
#[inline(always)]
fn inside(from: f64, to: f64) -> f64 {
    match (from.is_finite(), to.is_finite()) {
        (true, true) => from + (to - from) / 2.0,
        (true, false) => from + from.abs() + 1.0,
        (false, true) => to - to.abs() - 1.0,
        (false, false) => 0.0,
    }
}
