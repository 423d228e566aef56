//! Positions as tables spell them: three columns, a list in one cell, or a point of a spatial database.

use crate::Error;
use crate::table::{Column, Table, is_missing};

/// Where the positions of a table are, and the micrometres of a unit along each axis.
pub(super) enum PositionColumns<'a> {
    List(&'a Column, [f64; 3]),
    Split([&'a Column; 3], [f64; 3]),
}

/// Finds positions: `<prefix>` or `<prefix>_x`, `_y`, `_z` in voxels, then `x_um`, `x_nm`, then plain `x`.
pub(super) fn find<'a>(
    table: &'a Table,
    prefixes: &[&str],
    voxel_um: [f64; 3],
    unit_um: f64,
) -> Option<PositionColumns<'a>> {
    for prefix in prefixes {
        if let Some(column) = table.find(&[prefix]) {
            return Some(PositionColumns::List(column, voxel_um));
        }
        if let Some(columns) = three(table, |axis| format!("{prefix}_{axis}")) {
            return Some(PositionColumns::Split(columns, voxel_um));
        }
    }
    for (suffix, unit) in [("_um", 1.0), ("_nm", 1e-3), ("", unit_um)] {
        if let Some(columns) = three(table, |axis| format!("{axis}{suffix}")) {
            return Some(PositionColumns::Split(columns, [unit; 3]));
        }
    }
    None
}

/// All positions in micrometres; NaN where a cell is empty.
pub(super) fn read(table: &Table, columns: &PositionColumns<'_>) -> Result<Vec<[f64; 3]>, Error> {
    let scale = |[x, y, z]: [f64; 3], unit: &[f64; 3]| [x * unit[0], y * unit[1], z * unit[2]];
    match columns {
        PositionColumns::Split([x, y, z], unit) => {
            let [x, y, z] = [table.numbers(x)?, table.numbers(y)?, table.numbers(z)?];
            Ok(x.into_iter().zip(y).zip(z).map(|((x, y), z)| scale([x, y, z], unit)).collect())
        }
        PositionColumns::List(column, unit) => {
            let point = |(row, text): (usize, &String)| {
                let allowed = "three numbers such as [181250, 191912, 18361], or a point in WKB";
                let point = parse(text).ok_or_else(|| table.cell_error(row, column, text, allowed))?;
                Ok(scale(point, unit))
            };
            table.texts(column)?.iter().enumerate().map(point).collect()
        }
    }
}

fn three<'a>(table: &'a Table, name: impl Fn(&str) -> String) -> Option<[&'a Column; 3]> {
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
        let point = Some([181_250.0, 191_912.0, 18_361.0]);
        for text in [
            "[181250, 191912, 18361]",
            "[181250 191912  18361]",
            "(181250, 191912, 18361.0)",
            "POINT Z (181250 191912 18361)",
        ] {
            assert_eq!(parse(text), point, "{text}");
        }
        // Little endian, type 1001 (point with z), three doubles.
        let mut hex = "01e9030000".to_owned();
        for number in point.unwrap() {
            hex.extend(f64::to_le_bytes(number).iter().map(|byte| format!("{byte:02X}")));
        }
        assert_eq!(parse(&hex), point);
        assert_eq!(parse("[1, 2]"), None);
        assert!(parse("").unwrap()[0].is_nan());
    }
}
