//! A small SVG writer. Colours are CSS variables, so that a drawing follows the theme of its page.
//!
//! No number that is not finite ever reaches the text: callers leave such points out, and what slips through
//! is written as 0.

use std::fmt::Write;

use crate::palette;

/// Position in the drawing, x to the right, y down.
pub(crate) type Point = (f64, f64);

/// A drawing under way.
#[derive(Debug, Clone, Default)]
pub(crate) struct Svg {
    /// Width and height in user units.
    pub(crate) size: (f64, f64),
    body: String,
}

/// An element under way; ends with [`Element::end`] or [`Element::content`].
#[derive(Debug)]
pub(crate) struct Element<'a> {
    body: &'a mut String,
    name: &'static str,
}

/// How a line looks.
#[derive(Debug, Clone)]
pub(crate) struct Stroke {
    pub(crate) color: String,
    pub(crate) width: f64,
    pub(crate) dash: &'static str,
    pub(crate) opacity: f64,
}

/// Where a text begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks.
#[derive(Debug, Clone)]
pub(crate) struct Lettering {
    pub(crate) size: f64,
    pub(crate) anchor: Anchor,
    pub(crate) color: String,
    pub(crate) weight: u32,
    pub(crate) turned: f64,
}

/// Fonts that are on every machine; figures never fetch one.
const FONTS: &str = "Helvetica Neue, Helvetica, Arial, Liberation Sans, sans-serif";

impl Svg {
    /// An empty drawing.
    pub(crate) fn new(width: f64, height: f64) -> Self {
        Self { size: (width, height), body: String::new() }
    }

    /// Begins an element.
    pub(crate) fn element(&mut self, name: &'static str) -> Element<'_> {
        let _ = write!(self.body, "<{name}");
        Element { body: &mut self.body, name }
    }

    /// A straight line.
    pub(crate) fn line(&mut self, from: Point, to: Point, stroke: &Stroke) {
        let line = self.element("line").at("x1", from.0).at("y1", from.1).at("x2", to.0).at("y2", to.1);
        line.stroked(stroke).end();
    }

    /// An open path through ready-made path commands; nothing where there are none.
    pub(crate) fn path(&mut self, commands: &str, stroke: &Stroke) {
        if !commands.is_empty() {
            self.element("path").with("d", commands).with("fill", "none").stroked(stroke).end();
        }
    }

    /// A filled path without outline.
    pub(crate) fn fill(&mut self, commands: &str, color: &str, opacity: f64) {
        if !commands.is_empty() {
            let path = self.element("path").with("d", commands).with("fill", color);
            let path = if opacity < 1.0 { path.at("fill-opacity", opacity) } else { path };
            path.end();
        }
    }

    /// A text.
    pub(crate) fn text(&mut self, at: Point, lettering: &Lettering, text: &str) {
        let element = self.element("text").at("x", at.0).at("y", at.1).at("font-size", lettering.size);
        let anchored = match lettering.anchor {
            Anchor::Start => element,
            Anchor::Middle => element.with("text-anchor", "middle"),
            Anchor::End => element.with("text-anchor", "end"),
        };
        let inked = anchored.with("fill", &lettering.color);
        let weighted = if lettering.weight == 400 {
            inked
        } else {
            inked.at("font-weight", f64::from(lettering.weight))
        };
        let turned = if lettering.turned == 0.0 {
            weighted
        } else {
            let turn =
                format!("rotate({} {} {})", coordinate(lettering.turned), coordinate(at.0), coordinate(at.1));
            weighted.with("transform", &turn)
        };
        turned.content(text);
    }

    /// Draws what `inside` draws, cut off at the rectangle.
    pub(crate) fn clipped(&mut self, corner: Point, size: (f64, f64), inside: impl FnOnce(&mut Self)) {
        let view = [corner.0, corner.1, size.0, size.1].map(coordinate).join(" ");
        // A nested svg clips by itself; a clipPath would need an id that is unique on the page.
        let _ = write!(
            self.body,
            "<svg x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" viewBox=\"{view}\" overflow=\"hidden\">",
            coordinate(corner.0),
            coordinate(corner.1),
            coordinate(size.0),
            coordinate(size.1)
        );
        inside(self);
        self.body.push_str("</svg>\n");
    }

    /// The drawing for the page, with the description that a screen reader speaks.
    pub(crate) fn inline(&self, description: &str) -> String {
        format!(
            "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\" font-family=\"{FONTS}\">\n{}</svg>",
            coordinate(self.size.0),
            coordinate(self.size.1),
            escape(description),
            self.body
        )
    }

    /// The drawing as a file of its own, in light colours, without the images for dark pages.
    pub(crate) fn standalone(&self, title: &str, description: &str) -> String {
        // A little air at the edges, and a ground of its own: some viewers are dark.
        let (width, height) = (coordinate(self.size.0 + 16.0), coordinate(self.size.1 + 12.0));
        let body = palette::with_light_inks(&without_dark_images(&self.body));
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" \
             width=\"{width}\" height=\"{height}\" viewBox=\"-8 -6 {width} {height}\" font-family=\"{FONTS}\">\n\
             <title>{}</title>\n<desc>{}</desc>\n\
             <rect x=\"-8\" y=\"-6\" width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n{body}</svg>\n",
            escape(title),
            escape(description)
        )
    }
}

impl Element<'_> {
    /// An attribute that is a number.
    pub(crate) fn at(self, name: &str, value: f64) -> Self {
        let _ = write!(self.body, " {name}=\"{}\"", coordinate(value));
        self
    }

    /// An attribute that is text.
    pub(crate) fn with(self, name: &str, value: &str) -> Self {
        let _ = write!(self.body, " {name}=\"{}\"", escape(value));
        self
    }

    /// The attributes of a line.
    pub(crate) fn stroked(self, stroke: &Stroke) -> Self {
        let mut element = self.with("stroke", &stroke.color).at("stroke-width", stroke.width);
        if !stroke.dash.is_empty() {
            element = element.with("stroke-dasharray", stroke.dash);
        }
        if stroke.opacity < 1.0 {
            element = element.at("stroke-opacity", stroke.opacity);
        }
        element.with("stroke-linejoin", "round")
    }

    /// Ends the element.
    pub(crate) fn end(self) {
        self.body.push_str("/>\n");
    }

    /// Ends the element around a text.
    pub(crate) fn content(self, text: &str) {
        let _ = writeln!(self.body, ">{}</{}>", escape(text), self.name);
    }
}

impl Stroke {
    /// A full line.
    pub(crate) fn new(color: &str, width: f64) -> Self {
        Self { color: color.to_owned(), width, dash: "", opacity: 1.0 }
    }

    /// The same line, dashed.
    pub(crate) fn dashed(self, dash: &'static str) -> Self {
        Self { dash, ..self }
    }

    /// The same line, fainter.
    pub(crate) fn faint(self, opacity: f64) -> Self {
        Self { opacity, ..self }
    }
}

impl Lettering {
    /// Text of a size, from the left, in the soft ink of labels.
    pub(crate) fn new(size: f64) -> Self {
        Self { size, anchor: Anchor::Start, color: "var(--ink-soft)".to_owned(), weight: 400, turned: 0.0 }
    }

    /// Anchored elsewhere.
    pub(crate) fn anchored(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }

    /// In another ink.
    pub(crate) fn inked(self, color: &str) -> Self {
        Self { color: color.to_owned(), ..self }
    }

    /// In bold.
    pub(crate) fn bold(self) -> Self {
        Self { weight: 600, ..self }
    }

    /// Turned by an angle in degrees, clockwise.
    pub(crate) fn turned(self, turned: f64) -> Self {
        Self { turned, ..self }
    }
}

/// A number with at most two decimals.
pub(crate) fn coordinate(value: f64) -> String {
    if !value.is_finite() {
        return "0".to_owned();
    }
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Path commands through points; a point that is not finite breaks the line.
pub(crate) fn polyline(points: impl IntoIterator<Item = Point>) -> String {
    let mut commands = String::new();
    let mut command = 'M';
    for (x, y) in points {
        if x.is_finite() && y.is_finite() {
            let _ = write!(commands, "{command}{} {}", coordinate(x), coordinate(y));
            command = 'L';
        } else {
            command = 'M';
        }
    }
    commands
}

/// Width of a text in a sans-serif face, in units of the font size times one; good to about 5 %.
pub(crate) fn text_width(text: &str, size: f64) -> f64 {
    let em: f64 = text
        .chars()
        .map(|letter| match letter {
            'i' | 'j' | 'l' | '.' | ',' | ':' | '\'' | '|' | ' ' | '\u{202f}' | 'I' | 'f' | 't' | '('
            | ')' => 0.3,
            'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.86,
            'A'..='Z' | 'Δ' | 'Ω' | 'φ' | 'ψ' | '×' | '−' => 0.67,
            '⁰'..='⁹' | '¹' | '²' | '³' | '⁻' => 0.35,
            _ => 0.55,
        })
        .sum();
    em * size
}

/// Text that is safe in XML and HTML, in content and in attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\t' => safe.push(' '),
            // Control characters and the two non-characters are not XML, however they are written.
            other if other.is_control() || matches!(other, '\u{fffe}' | '\u{ffff}') => safe.push('\u{fffd}'),
            other => safe.push(other),
        }
    }
    safe
}

fn without_dark_images(body: &str) -> String {
    body.lines().filter(|line| !line.starts_with("<image class=\"on-dark\"")).fold(
        String::with_capacity(body.len()),
        |mut kept, line| {
            kept.push_str(line);
            kept.push('\n');
            kept
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_short_and_finite() {
        assert_eq!(coordinate(1.0), "1");
        assert_eq!(coordinate(-0.001), "0");
        assert_eq!(coordinate(12.345), "12.35");
        assert_eq!(coordinate(f64::NAN), "0");
        assert_eq!(coordinate(f64::INFINITY), "0");
    }

    #[test]
    fn a_missing_point_breaks_the_line() {
        let points = [(0.0, 0.0), (1.0, 1.0), (2.0, f64::NAN), (3.0, 3.0)];
        assert_eq!(polyline(points), "M0 0L1 1M3 3");
    }

    #[test]
    fn hostile_text_is_harmless() {
        let mut svg = Svg::new(10.0, 10.0);
        svg.text((0.0, 0.0), &Lettering::new(10.0), "</text><script>alert('x')</script>\u{0}");
        let drawn = svg.inline("\" onload=\"alert(1)");
        assert!(!drawn.contains("<script") && !drawn.contains("\" onload"), "{drawn}");
        assert!(!drawn.contains('\u{0}'));
    }

    #[test]
    fn a_file_of_its_own_has_no_variables_and_no_dark_images() {
        let mut svg = Svg::new(10.0, 10.0);
        svg.element("image").with("class", "on-dark").with("href", "data:,dark").end();
        svg.element("image").with("class", "on-light").with("href", "data:,light").end();
        svg.line((0.0, 0.0), (1.0, 1.0), &Stroke::new("var(--c0)", 1.0));
        let file = svg.standalone("t", "d");
        assert!(!file.contains("var(") && !file.contains("dark") && file.contains("data:,light"));
    }
}
