//! Positions as tables spell them: three columns, a list in one cell, or a point of a spatial database.

use crate::Error;
use crate::table::{Column, Table, is_missing};

/// From the units of a table to micrometres: times the factor, divided by the divisor. (Dividing by 1000 gives
/// the double nearest to the decimal number, which multiplying by 0.001 does not.)
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    factor: [f64; 3],
    divisor: f64,
}

impl Scale {
    /// Voxels of so many nanometres.
    pub(super) fn voxel(nm: [f64; 3]) -> Self {
        Self { factor: nm, divisor: 1e3 }
    }

    fn unit(um: f64) -> Self {
        Self { factor: [um; 3], divisor: 1.0 }
    }

    fn apply(self, point: [f64; 3]) -> [f64; 3] {
        [0, 1, 2].map(|axis| point[axis] * self.factor[axis] / self.divisor)
    }
}

/// Where the positions of a table are.
pub(super) enum PositionColumns<'a> {
    List(&'a Column, Scale),
    Split([&'a Column; 3], Scale),
}

/// Finds positions: `<prefix>` or `<prefix>_x`, `_y`, `_z` in voxels, then `x_um`, `x_nm`, then plain `x`.
pub(super) fn find<'a>(
    table: &'a Table,
    prefixes: &[&str],
    voxel: Scale,
    unit_um: f64,
) -> Option<PositionColumns<'a>> {
    for prefix in prefixes {
        if let Some(column) = table.find(&[prefix]) {
            return Some(PositionColumns::List(column, voxel));
        }
        if let Some(columns) = three(table, |axis| format!("{prefix}_{axis}")) {
            return Some(PositionColumns::Split(columns, voxel));
        }
    }
    let scales = [("_um", Scale::unit(1.0)), ("_nm", Scale::voxel([1.0; 3])), ("", Scale::unit(unit_um))];
    for (suffix, scale) in scales {
        if let Some(columns) = three(table, |axis| format!("{axis}{suffix}")) {
            return Some(PositionColumns::Split(columns, scale));
        }
    }
    None
}

/// All positions in micrometres; NaN where a cell is empty.
pub(super) fn read(table: &Table, columns: &PositionColumns<'_>) -> Result<Vec<[f64; 3]>, Error> {
    match columns {
        PositionColumns::Split([x, y, z], scale) => {
            let [x, y, z] = [table.numbers(x)?, table.numbers(y)?, table.numbers(z)?];
            Ok(x.into_iter().zip(y).zip(z).map(|((x, y), z)| scale.apply([x, y, z])).collect())
        }
        PositionColumns::List(column, scale) => {
            let point = |(row, text): (usize, &String)| {
                let allowed = "three numbers such as [181250, 191912, 18361], or a point in WKB";
                let point = parse(text).ok_or_else(|| table.cell_error(row, column, text, allowed))?;
                Ok(scale.apply(point))
            };
            table.texts(column)?.iter().enumerate().map(point).collect()
        }
    }
}

fn three(table: &Table, name: impl Fn(&str) -> String) -> Option<[&Column; 3]> {
    Some([table.find(&[&name("x")])?, table.find(&[&name("y")])?, table.find(&[&name("z")])?])
}

/// `[1, 2, 3]`, `[1 2 3]`, `(1, 2, 3)`, `1;2;3`, `POINT Z (1 2 3)`, or WKB in hexadecimal digits.
fn parse(text: &str) -> Option<[f64; 3]> {
    if is_missing(text) {
        return Some([f64::NAN; 3]);
    }
    if text.len() >= 58 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return well_known_binary(text);
    }
    let start = text.rfind(['[', '(']).map_or(0, |place| place + 1);
    let inside = text[start..].trim_end_matches([']', ')']);
    let mut numbers = inside.split([',', ' ', ';', '\t']).filter(|part| !part.is_empty());
    let mut next = || numbers.next()?.parse().ok().filter(|number: &f64| number.is_finite());
    let point = [next()?, next()?, next()?];
    numbers.next().is_none().then_some(point)
}

/// A point of PostGIS: byte order, type (and reference system), x, y, z. The static archives of CAVE hold it.
fn well_known_binary(text: &str) -> Option<[f64; 3]> {
    let byte = |place: usize| u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok();
    let bytes: Vec<u8> = (0..text.len() / 2).map(byte).collect::<Option<_>>()?;
    let little = *bytes.first()? == 1;
    // The three coordinates are the last 24 bytes, whether or not a reference system stands before them.
    let start = bytes.len().checked_sub(24)?;
    let number = |axis: usize| {
        let eight: [u8; 8] = bytes[start + 8 * axis..start + 8 * axis + 8].try_into().ok()?;
        let number = if little { f64::from_le_bytes(eight) } else { f64::from_be_bytes(eight) };
        number.is_finite().then_some(number)
    };
    Some([number(0)?, number(1)?, number(2)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_point_agree() {
        let point = [181_250.0, 191_912.0, 18_361.0];
        for text in [
            "[181250, 191912, 18361]",
            "[181250 191912  18361]",
            "(181250, 191912, 18361.0)",
            "POINT Z (181250 191912 18361)",
        ] {
            assert_eq!(parse(text), Some(point), "{text}");
        }
        // Little endian, type 1001 (point with z), three doubles.
        let mut hex = "01e9030000".to_owned();
        for number in point {
            hex.extend(f64::to_le_bytes(number).iter().map(|byte| format!("{byte:02X}")));
        }
        assert_eq!(parse(&hex), Some(point));
        assert_eq!(parse("[1, 2]"), None);
        assert!(parse("").unwrap()[0].is_nan());
    }
}
