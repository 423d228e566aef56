//! Colours: named inks that follow light and dark, and colour maps for images.
//!
//! The categories are a colour-blind safe set after Okabe and Ito (2008), each with a lighter twin for dark
//! pages. The two maps are paths of even lightness in OKLCH, so that equal steps look equal; their neutral end
//! is the page itself, white in light and near black in dark.

use std::fmt::Write;

use crate::data::Shades;

/// A page is read in one of two themes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Theme {
    /// Dark ink on a light page.
    Light,
    /// Light ink on a dark page.
    Dark,
}

/// The colours of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColorMap {
    /// From the page to a strong colour.
    Sequential,
    /// Blue below the middle, red above, the page at the middle.
    Diverging,
}

/// Number of colours in a map.
pub(crate) const N_SHADES: usize = 255;

/// Number of colours for groups.
pub(crate) const N_CATEGORIES: usize = 8;

/// Number of inks along a scale.
pub(crate) const N_SCALE: usize = 24;

/// Name, light colour, dark colour.
const INKS: [(&str, &str, &str); 18] = [
    ("ink", "#1b1f24", "#e8eaed"),
    ("ink-soft", "#57606a", "#a7aeb8"),
    ("ink-faint", "#8c959f", "#77808b"),
    ("rule", "#d5dae0", "#343a42"),
    ("page", "#ffffff", "#14171b"),
    ("panel", "#f5f7f9", "#1c2026"),
    ("missing", "#c6ccd3", "#4b525b"),
    ("accent", "#0b5cad", "#79b8ff"),
    ("warn", "#9a5b00", "#e8b04b"),
    ("warn-page", "#fff8e8", "#2a2415"),
    ("c0", "#0072b2", "#56a8e0"),
    ("c1", "#d55e00", "#f5894a"),
    ("c2", "#009e73", "#38c79c"),
    ("c3", "#b8568f", "#e08abd"),
    ("c4", "#c98a00", "#f0b83a"),
    ("c5", "#2ea3d6", "#8fd3f5"),
    ("c6", "#6b4fa0", "#ab94dd"),
    ("c7", "#5c6670", "#b6bec7"),
];

/// The CSS declarations of all inks in a theme: `--ink:#1b1f24;...`.
pub(crate) fn css_variables(theme: Theme) -> String {
    INKS.iter().fold(String::new(), |mut css, (name, light, dark)| {
        let color = if theme == Theme::Light { light } else { dark };
        let _ = write!(css, "--{name}:{color};");
        css
    }) + &scale_inks(theme).iter().fold(String::new(), |mut css, (name, color)| {
        let _ = write!(css, "--{name}:{color};");
        css
    })
}

/// The ink at a place from 0 to 1 of a scale; on a cyclic one both ends are alike.
pub(crate) fn scale_ink(shades: Shades, place: f64) -> String {
    let step = match shades {
        Shades::Cyclic => (place.rem_euclid(1.0) * N_SCALE as f64) as usize % N_SCALE,
        Shades::Sequential => (place.clamp(0.0, 1.0) * N_SCALE as f64) as usize,
    };
    format!("var(--{}{})", scale_name(shades), step.min(N_SCALE - 1))
}

fn scale_name(shades: Shades) -> &'static str {
    match shades {
        Shades::Cyclic => "h",
        Shades::Sequential => "s",
    }
}

/// All inks along the scales: name and colour. Hues of one lightness, so that no angle stands out; and the
/// sequential map without its end that fades into the page.
fn scale_inks(theme: Theme) -> Vec<(String, String)> {
    let hue = |step: usize| {
        let degrees = 20.0 + 360.0 * step as f64 / N_SCALE as f64;
        if theme == Theme::Light { oklch(0.62, 0.16, degrees) } else { oklch(0.76, 0.13, degrees) }
    };
    let shade = |step: usize| sequential(0.2 + 0.8 * step as f64 / (N_SCALE - 1) as f64, theme);
    let hex = |[r, g, b]: [u8; 3]| format!("#{r:02x}{g:02x}{b:02x}");
    let of = |shades: Shades, color: &dyn Fn(usize) -> [u8; 3]| -> Vec<(String, String)> {
        (0..N_SCALE).map(|step| (format!("{}{step}", scale_name(shades)), hex(color(step)))).collect()
    };
    [of(Shades::Cyclic, &hue), of(Shades::Sequential, &shade)].concat()
}

/// The light inks as a JSON object, for the download script.
pub(crate) fn light_inks_json() -> String {
    let fixed = INKS.iter().map(|(name, light, _)| format!("\"{name}\":\"{light}\""));
    let scales = scale_inks(Theme::Light).into_iter().map(|(name, light)| format!("\"{name}\":\"{light}\""));
    let pairs: Vec<String> = fixed.chain(scales).collect();
    format!("{{{}}}", pairs.join(","))
}

/// Replaces every `var(--name)` by its light colour.
pub(crate) fn with_light_inks(svg: &str) -> String {
    let fixed = INKS
        .iter()
        .fold(svg.to_owned(), |svg, (name, light, _)| svg.replace(&format!("var(--{name})"), light));
    if !fixed.contains("var(") {
        return fixed;
    }
    let scales = scale_inks(Theme::Light);
    scales.iter().fold(fixed, |svg, (name, light)| svg.replace(&format!("var(--{name})"), light))
}

/// The ink of a group.
pub(crate) fn category(position: usize) -> String {
    format!("var(--c{})", position % N_CATEGORIES)
}

impl ColorMap {
    /// All shades, from the lowest value to the highest.
    pub(crate) fn shades(self, theme: Theme) -> Vec<[u8; 3]> {
        (0..N_SHADES).map(|step| self.shade(step as f64 / (N_SHADES - 1) as f64, theme)).collect()
    }

    fn shade(self, position: f64, theme: Theme) -> [u8; 3] {
        match self {
            Self::Sequential => sequential(position, theme),
            Self::Diverging => diverging(2.0 * position - 1.0, theme),
        }
    }
}

/// Yellow-green near the page, through teal, to indigo; in dark from indigo to yellow.
fn sequential(position: f64, theme: Theme) -> [u8; 3] {
    match theme {
        Theme::Light => oklch(0.965 - 0.655 * position, chroma_arch(position), 115.0 + 165.0 * position),
        Theme::Dark => oklch(0.27 + 0.65 * position, chroma_arch(1.0 - position), 280.0 - 165.0 * position),
    }
}

fn chroma_arch(position: f64) -> f64 {
    0.03 + 0.11 * (std::f64::consts::PI * position.powf(0.7) * 0.75).sin()
}

fn diverging(signed: f64, theme: Theme) -> [u8; 3] {
    let strength = signed.abs().min(1.0);
    let hue = if signed < 0.0 { 252.0 } else { 38.0 };
    match theme {
        Theme::Light => oklch(0.98 - 0.55 * strength, 0.19 * strength.powf(0.85), hue),
        Theme::Dark => oklch(0.21 + 0.55 * strength, 0.17 * strength.powf(0.85), hue),
    }
}

/// OKLCH (Ottosson 2020) to sRGB; chroma gives way where the colour does not exist.
fn oklch(lightness: f64, chroma: f64, hue_deg: f64) -> [u8; 3] {
    let exists = |chroma: f64| {
        oklab_to_linear(lightness, chroma, hue_deg).iter().all(|channel| (-1e-4..=1.0001).contains(channel))
    };
    if exists(chroma) {
        return oklab_to_linear(lightness, chroma, hue_deg).map(encode);
    }
    // Bisection, so that neighbouring shades lose chroma evenly.
    let (mut inside, mut outside) = (0.0, chroma);
    for _ in 0..30 {
        let middle = 0.5 * (inside + outside);
        if exists(middle) {
            inside = middle;
        } else {
            outside = middle;
        }
    }
    oklab_to_linear(lightness, inside, hue_deg).map(encode)
}

fn oklab_to_linear(lightness: f64, chroma: f64, hue_deg: f64) -> [f64; 3] {
    let (sin, cos) = hue_deg.to_radians().sin_cos();
    let (a, b) = (chroma * cos, chroma * sin);
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548 * b).powi(3);
    [
        4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
        -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
        -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s,
    ]
}

fn encode(linear: f64) -> u8 {
    let linear = linear.clamp(0.0, 1.0);
    let srgb = if linear <= 0.003_130_8 { 12.92 * linear } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 };
    (srgb * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (WCAG 2).
    fn luminance(hex: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(first: &str, second: &str) -> f64 {
        let (first, second) = (luminance(first), luminance(second));
        (first.max(second) + 0.05) / (first.min(second) + 0.05)
    }

    fn ink(name: &str) -> (&'static str, &'static str) {
        let (_, light, dark) = INKS.iter().find(|ink| ink.0 == name).unwrap();
        (light, dark)
    }

    #[test]
    fn text_and_marks_stand_out_from_the_page() {
        let page = ink("page");
        for (name, least) in [("ink", 12.0), ("ink-soft", 5.5), ("accent", 4.5), ("warn", 4.5)] {
            assert!(contrast(ink(name).0, page.0) > least, "{name} light");
            assert!(contrast(ink(name).1, page.1) > least, "{name} dark");
        }
        for group in 0..N_CATEGORIES {
            let color = ink(&format!("c{group}"));
            assert!(contrast(color.0, page.0) > 2.7, "c{group} light {}", contrast(color.0, page.0));
            assert!(contrast(color.1, page.1) > 4.5, "c{group} dark");
        }
    }

    #[test]
    fn oklch_knows_white_black_and_red() {
        assert_eq!(oklch(1.0, 0.0, 0.0), [255, 255, 255]);
        assert_eq!(oklch(0.0, 0.0, 0.0), [0, 0, 0]);
        // sRGB red is L = 0.6280, C = 0.2577, h = 29.23 in OKLCH.
        let red = oklch(0.627_95, 0.257_6, 29.234);
        assert!(red[0] > 250 && red[1] < 12 && red[2] < 12, "{red:?}");
    }

    #[test]
    fn maps_are_monotone_in_lightness() {
        let gray = |rgb: [u8; 3]| {
            0.2126 * f64::from(rgb[0]) + 0.7152 * f64::from(rgb[1]) + 0.0722 * f64::from(rgb[2])
        };
        let light = ColorMap::Sequential.shades(Theme::Light);
        assert!(light.windows(2).all(|pair| gray(pair[1]) <= gray(pair[0]) + 1.0));
        let dark = ColorMap::Sequential.shades(Theme::Dark);
        assert!(dark.windows(2).all(|pair| gray(pair[1]) + 1.0 >= gray(pair[0])));
        let diverging = ColorMap::Diverging.shades(Theme::Light);
        assert!(gray(diverging[N_SHADES / 2]) > 240.0);
        assert!((gray(diverging[0]) - gray(diverging[N_SHADES - 1])).abs() < 25.0);
    }

    #[test]
    fn every_ink_resolves() {
        let fixed = INKS.iter().map(|(name, _, _)| format!("var(--{name})"));
        let scales = [0.0, 0.5, 0.999, 1.0]
            .map(|at| scale_ink(Shades::Cyclic, at) + &scale_ink(Shades::Sequential, at));
        let svg = fixed.chain(scales).collect::<String>();
        assert!(!with_light_inks(&svg).contains("var("));
    }
}
