//! Colour bars: what the colours of an image mean.

use super::axis::{Axis, Direction, Scale, TICK_SIZE};
use super::plot::{Area, LABEL_SIZE, spine};
use super::raster::{self, Raster};
use crate::Error;
use crate::palette::{ColorMap, N_SHADES};
use crate::svg::{Anchor, Lettering, Svg, text_width};

/// A colour bar.
#[derive(Debug, Clone)]
pub(crate) struct ColorBar {
    pub(crate) map: ColorMap,
    /// Range of the colours; its label is what they mean.
    pub(crate) range: Axis,
}

impl ColorBar {
    /// Draws an upright bar with its numbers at the right and its label turned beyond them.
    pub(crate) fn upright(&self, svg: &mut Svg, area: Area) -> Result<(), Error> {
        let values: Vec<Vec<f64>> = self.values().into_iter().rev().map(|value| vec![value]).collect();
        raster::draw(svg, area, &Raster { values: &values, map: self.map, range: self.range.clone() })?;
        let right = area.left + area.width;
        let ticks = self.range.ticks(area.height, Direction::Vertical);
        let widest = ticks.iter().map(|tick| text_width(&tick.text, TICK_SIZE)).fold(0.0, f64::max);
        for tick in ticks {
            let y = area.top + area.height * (1.0 - self.range.fraction(tick.value));
            svg.line((right, y), (right + 3.0, y), &spine());
            svg.text((right + 6.0, y + 3.7), &Lettering::new(TICK_SIZE), &tick.text);
        }
        let lettering = Lettering::new(LABEL_SIZE).anchored(Anchor::Middle).inked("var(--ink)").turned(-90.0);
        let at = ((right + widest + 20.0).min(svg.size.0 - 4.0), area.top + 0.5 * area.height);
        svg.text(at, &lettering, &self.range.label);
        Ok(())
    }

    /// Draws a lying bar with its numbers and its label below.
    pub(crate) fn lying(&self, svg: &mut Svg, area: Area) -> Result<(), Error> {
        let values = vec![self.values()];
        raster::draw(svg, area, &Raster { values: &values, map: self.map, range: self.range.clone() })?;
        let bottom = area.top + area.height;
        let lettering = Lettering::new(TICK_SIZE).anchored(Anchor::Middle);
        for tick in self.range.ticks(area.width, Direction::Horizontal) {
            let x = area.left + area.width * self.range.fraction(tick.value);
            svg.line((x, bottom), (x, bottom + 3.0), &spine());
            svg.text((x, bottom + 14.0), &lettering, &tick.text);
        }
        let at = (area.left + 0.5 * area.width, bottom + 29.0);
        svg.text(
            at,
            &Lettering::new(LABEL_SIZE).anchored(Anchor::Middle).inked("var(--ink)"),
            &self.range.label,
        );
        Ok(())
    }

    fn values(&self) -> Vec<f64> {
        let step = |position: usize| position as f64 / (N_SHADES - 1) as f64;
        (0..N_SHADES)
            .map(|position| match self.range.scale {
                Scale::Linear => self.range.low + step(position) * (self.range.high - self.range.low),
                Scale::Log => self.range.low * (self.range.high / self.range.low).powf(step(position)),
            })
            .collect()
    }
}
