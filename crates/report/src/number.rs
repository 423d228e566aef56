//! How numbers are written: a true minus sign, thin spaces, as many digits as tell something.

/// A fixed number of decimals; a dash where the value is not finite.
pub(crate) fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(digits) if digits.bytes().all(|byte| matches!(byte, b'0' | b'.')) => digits.to_owned(),
        Some(digits) => format!("−{digits}"),
        None => text,
    }
}

/// A number as a table or card shows it.
///
/// Scores close to 1 keep two digits after the nines (0.99999995), whole numbers are grouped by thousands, very
/// small and very large ones get a power of ten.
pub(crate) fn readable(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        "–".to_owned()
    } else if value.fract() == 0.0 && size < 1e9 {
        grouped(value)
    } else if (0.99..1.0).contains(&size) {
        near_one(value)
    } else if !(1e-3..1e5).contains(&size) {
        power_of_ten(value, 1)
    } else {
        let decimals = match size {
            100.0.. => 0,
            10.0.. => 1,
            0.01.. => 3,
            _ => 4,
        };
        fixed(value, decimals)
    }
}

/// Like [`readable`] without zeros at the end: for facts, where no column has to align.
pub(crate) fn shortest(value: f64) -> String {
    let text = readable(value);
    if text.contains('.') && !text.contains('×') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A whole number with thin spaces between thousands.
pub(crate) fn grouped(value: f64) -> String {
    let digits = fixed(value.abs(), 0);
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        let left = digits.len() - position;
        if position > 0 && left.is_multiple_of(3) && digits.len() > 4 {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    if value < 0.0 { format!("−{text}") } else { text }
}

/// `3.2×10⁻⁵`; the mantissa is dropped where it is 1 and no decimals are asked for.
pub(crate) fn power_of_ten(value: f64, decimals: usize) -> String {
    if value == 0.0 || !value.is_finite() {
        return fixed(value, 0);
    }
    let text = format!("{value:.decimals$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent = superscript(exponent);
    match (decimals, mantissa) {
        (0, "1") => format!("10{exponent}"),
        (0, "-1") => format!("−10{exponent}"),
        _ => format!("{}×10{exponent}", mantissa.replace('-', "−")),
    }
}

/// The name of a quantity with its unit in brackets, if it has one.
pub(crate) fn with_unit(name: &str, unit: &str) -> String {
    if unit.is_empty() { name.to_owned() } else { format!("{name} ({unit})") }
}

/// `1 neuron`, `2 neurons`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(count as f64))
}

fn near_one(value: f64) -> String {
    let decimals = (-(1.0 - value.abs()).log10()).ceil() as usize + 1;
    let text = fixed(value, decimals.clamp(3, 9));
    let trimmed = text.trim_end_matches('0');
    // At least three decimals, so that 0.990 does not look rounded.
    let shortest = text.char_indices().nth(if value < 0.0 { 6 } else { 5 }).map_or(text.len(), |(at, _)| at);
    text[..trimmed.len().max(shortest)].trim_end_matches('.').to_owned()
}

fn superscript(digits: &str) -> String {
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    digits
        .chars()
        .map(|digit| match digit.to_digit(10) {
            Some(value) => RAISED[value as usize],
            None => '⁻',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_near_one_keep_their_nines() {
        assert_eq!(readable(0.99999995), "0.99999995");
        assert_eq!(readable(0.9975), "0.9975");
        assert_eq!(readable(0.99), "0.990");
        assert_eq!(readable(1.0), "1");
        assert_eq!(readable(1.0 - 1e-15), "1.000");
    }

    #[test]
    fn other_numbers_read_well() {
        assert_eq!(readable(0.563), "0.563");
        assert_eq!(readable(-0.0412), "−0.041");
        assert_eq!(readable(0.0031), "0.0031");
        assert_eq!(readable(17.4), "17.4");
        assert_eq!(shortest(0.6), "0.6");
        assert_eq!(shortest(100.0), "100");
        assert_eq!(readable(1_000_000.0), "1\u{202f}000\u{202f}000");
        assert_eq!(readable(8000.0), "8000");
        assert_eq!(readable(3.21e-5), "3.2×10⁻⁵");
        assert_eq!(readable(f64::NAN), "–");
        assert_eq!(fixed(-0.0001, 2), "0.00");
        assert_eq!(power_of_ten(1000.0, 0), "10³");
        assert_eq!(counted(1, "neuron"), "1 neuron");
    }
}
