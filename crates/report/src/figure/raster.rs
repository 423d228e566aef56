//! Numbers to pixels: indexed PNG images as data URIs, one for light pages and one for dark.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::axis::Axis;
use super::plot::Area;
use crate::Error;
use crate::palette::{ColorMap, N_SHADES, Theme};
use crate::svg::Svg;

/// A grid of values with their colours.
#[derive(Debug, Clone)]
pub(crate) struct Raster<'a> {
    /// Values, row 0 on top. What is not finite, or not positive on a log axis, stays transparent.
    pub(crate) values: &'a [Vec<f64>],
    /// The colours.
    pub(crate) map: ColorMap,
    /// The values of the first and the last colour, and how the others spread between.
    pub(crate) range: Axis,
}

/// Below this side, pixels are repeated, so that no viewer smears them.
const SHARP_SIDE: usize = 360;

/// Draws the image over an area.
///
/// # Errors
/// [`Error::Image`] where the PNG encoder refuses.
pub(crate) fn draw(svg: &mut Svg, area: Area, raster: &Raster) -> Result<(), Error> {
    if raster.values.first().is_none_or(Vec::is_empty) {
        return Ok(());
    }
    for (theme, class) in [(Theme::Light, "on-light"), (Theme::Dark, "on-dark")] {
        let uri = format!("data:image/png;base64,{}", STANDARD.encode(encode(raster, theme)?));
        let image = svg.element("image").with("class", class).at("x", area.left).at("y", area.top);
        let sized = image.at("width", area.width).at("height", area.height);
        sized.with("preserveAspectRatio", "none").with("href", &uri).end();
    }
    Ok(())
}

/// The PNG file: palette entry 0 is transparent, the others are the shades of the map.
pub(crate) fn encode(raster: &Raster, theme: Theme) -> Result<Vec<u8>, Error> {
    let height = raster.values.len();
    let width = raster.values.first().map_or(0, Vec::len);
    let repeat = SHARP_SIDE.div_ceil(width.min(height).max(1)).min(SHARP_SIDE);
    let (across, down) = repeats(width, height, repeat);
    let mut pixels = Vec::with_capacity(width * height * across * down);
    for row in raster.values {
        let line: Vec<u8> =
            row.iter().flat_map(|&value| std::iter::repeat_n(raster.index(value), across)).collect();
        (0..down).for_each(|_| pixels.extend_from_slice(&line));
    }
    write_png(&pixels, (width * across, height * down), raster.map.shades(theme))
}

impl Raster<'_> {
    fn index(&self, value: f64) -> u8 {
        let fraction = self.range.fraction(value);
        if !value.is_finite() || fraction.is_nan() {
            return 0;
        }
        1 + (fraction.clamp(0.0, 1.0) * (N_SHADES - 1) as f64).round() as u8
    }
}

/// Repeats of each side: enough to be sharp, never more than a megapixel in all.
fn repeats(width: usize, height: usize, repeat: usize) -> (usize, usize) {
    let side = |length: usize| SHARP_SIDE.div_ceil(length.max(1)).min(repeat).max(1);
    let (across, down) = (side(width), side(height));
    if width * across * height * down > 1_000_000 { (1, 1) } else { (across, down) }
}

fn write_png(pixels: &[u8], size: (usize, usize), shades: Vec<[u8; 3]>) -> Result<Vec<u8>, Error> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, size.0 as u32, size.1 as u32);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette([vec![0, 0, 0], shades.concat()].concat());
    encoder.set_trns(vec![0]);
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_decodes_back_to_the_shades() {
        let values = vec![vec![-1.0, 0.0, 1.0], vec![f64::NAN, 5.0, -5.0]];
        let raster = Raster { values: &values, map: ColorMap::Diverging, range: Axis::new(-1.0, 1.0, "") };
        let file = encode(&raster, Theme::Light).unwrap();
        let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        let (width, height) = (info.width as usize, info.height as usize);
        let pixel = |row: usize, column: usize| {
            let at = 4 * ((2 * row + 1) * height / 4 * width + (2 * column + 1) * width / 6);
            [pixels[at], pixels[at + 1], pixels[at + 2], pixels[at + 3]]
        };
        let shades = ColorMap::Diverging.shades(Theme::Light);
        let opaque = |shade: [u8; 3]| [shade[0], shade[1], shade[2], 255];
        assert_eq!(pixel(0, 0), opaque(shades[0]));
        assert_eq!(pixel(0, 1), opaque(shades[N_SHADES / 2]));
        assert_eq!(pixel(0, 2), opaque(shades[N_SHADES - 1]));
        assert_eq!(pixel(1, 0)[3], 0, "missing is transparent");
        assert_eq!(pixel(1, 1), opaque(shades[N_SHADES - 1]), "beyond the range is the last shade");
        assert_eq!(pixel(1, 2), opaque(shades[0]));
    }

    #[test]
    fn zero_counts_are_transparent_on_a_log_range() {
        let values = vec![vec![0.0, 1.0, 100.0]];
        let raster =
            Raster { values: &values, map: ColorMap::Sequential, range: Axis::log([1.0, 100.0], "") };
        assert_eq!(values[0].iter().map(|&value| raster.index(value)).collect::<Vec<_>>(), [0, 1, 255]);
    }
}
