//! Legends: a row of keys with names, wrapped to the width of the drawing.

use super::scatter::marker;
use crate::number::grouped;
use crate::svg::{Lettering, Stroke, Svg, text_width};

/// One entry of a legend.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// What it looks like.
    pub(crate) key: Key,
    /// What it is.
    pub(crate) name: String,
}

/// The look of an entry.
#[derive(Debug, Clone)]
pub(crate) enum Key {
    /// A line.
    Line(Stroke),
    /// The marker and ink of a group.
    Marker(usize),
    /// A filled patch.
    Patch(String),
}

const SIZE: f64 = 10.5;
const ROW: f64 = 16.0;
/// More names than this say nothing; the rest is counted.
const MOST: usize = 12;

impl Entry {
    /// An entry with the look of a line.
    pub(crate) fn line(stroke: Stroke, name: &str) -> Self {
        Self { key: Key::Line(stroke), name: name.to_owned() }
    }

    /// An entry with the marker of a group.
    pub(crate) fn marker(group: usize, name: &str) -> Self {
        Self { key: Key::Marker(group), name: name.to_owned() }
    }

    /// An entry with a filled patch.
    pub(crate) fn patch(color: &str, name: &str) -> Self {
        Self { key: Key::Patch(color.to_owned()), name: name.to_owned() }
    }
}

/// Draws the legend from a top left corner and returns its height.
pub(crate) fn draw(svg: &mut Svg, entries: &[Entry], corner: (f64, f64)) -> f64 {
    if entries.is_empty() {
        return 0.0;
    }
    let shown = if entries.len() > MOST { &entries[..MOST - 1] } else { entries };
    let (mut x, mut y) = corner;
    for entry in shown {
        let width = 24.0 + text_width(&entry.name, SIZE);
        if x > corner.0 && x + width > svg.size.0 {
            (x, y) = (corner.0, y + ROW);
        }
        draw_entry(svg, entry, (x, y));
        x += width + 14.0;
    }
    if shown.len() < entries.len() {
        let rest = format!("and {} more", grouped((entries.len() - shown.len()) as f64));
        if x + text_width(&rest, SIZE) > svg.size.0 {
            (x, y) = (corner.0, y + ROW);
        }
        svg.text((x, y + 4.0), &Lettering::new(SIZE), &rest);
    }
    y - corner.1 + ROW
}

fn draw_entry(svg: &mut Svg, entry: &Entry, (x, y): (f64, f64)) {
    match &entry.key {
        Key::Line(stroke) => svg.line((x, y), (x + 18.0, y), stroke),
        Key::Marker(group) => marker(*group, (x + 9.0, y), 4.0).draw(svg, 1.0),
        Key::Patch(color) => {
            let patch =
                svg.element("rect").at("x", x + 2.0).at("y", y - 5.0).at("width", 14.0).at("height", 10.0);
            patch.with("fill", color).at("fill-opacity", 0.45).end();
        }
    }
    svg.text((x + 23.0, y + 3.8), &Lettering::new(SIZE), &entry.name);
}
