//! Aligned tables and numbers for the terminal.

/// Rows of text in aligned columns: the first column to the left, the others to the right.
#[derive(Debug, Default)]
pub(crate) struct TextTable {
    rows: Vec<Vec<String>>,
}

impl TextTable {
    /// A table with column heads.
    pub(crate) fn new(heads: &[&str]) -> Self {
        Self { rows: vec![heads.iter().map(|&head| head.to_owned()).collect()] }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: &[&str]) {
        self.rows.push(cells.iter().map(|&cell| cell.to_owned()).collect());
    }

    /// Whether there is nothing below the heads.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.len() < 2
    }

    /// The table as lines; a column without any entry is left out.
    pub(crate) fn render(&self) -> String {
        let n_columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let cell = |row: &'_ Vec<String>, column: usize| row.get(column).cloned().unwrap_or_default();
        let kept: Vec<usize> = (0..n_columns)
            .filter(|&column| self.rows.iter().skip(1).any(|row| !cell(row, column).is_empty()))
            .collect();
        let width =
            |column: usize| self.rows.iter().map(|row| cell(row, column).chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = kept.iter().map(|&column| width(column)).collect();
        let line = |row: &Vec<String>| {
            let cells = kept.iter().zip(&widths).enumerate().map(|(place, (&column, &width))| {
                let text = cell(row, column);
                if place == 0 { format!("{text:<width$}") } else { format!("{text:>width$}") }
            });
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        self.rows.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// Name and value, one a line, values aligned.
pub(crate) fn facts(rows: &[(&str, String)]) -> String {
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let line = |(name, value): &(&str, String)| format!("{name:<width$}  {value}").trim_end().to_owned();
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A score with enough digits: near 1 the distance from 1 counts.
pub(crate) fn score(value: f64) -> String {
    let distance = (1.0 - value).abs();
    match value {
        value if !value.is_finite() => "undefined".to_owned(),
        _ if distance > 0.0 && distance < 5e-8 => format!("{value:.10}"),
        _ if distance > 0.0 && distance < 5e-4 => format!("{value:.7}"),
        value => format!("{value:.3}"),
    }
}

/// An integer in groups of three digits.
pub(crate) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!(count(0), "0");
        assert_eq!(count(101_000), "101,000");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(score(0.5), "0.500");
        assert_eq!(score(1.0), "1.000");
        assert_eq!(score(0.99998), "0.9999800");
        assert_eq!(score(f64::NAN), "undefined");
    }

    #[test]
    fn columns_align_and_empty_ones_vanish() {
        let mut table = TextTable::new(&["score", "model", "empty", "chance"]);
        table.row(&["AUROC", "0.71", "", "0.5"]);
        table.row(&["R2", "0.9", ""]);
        assert_eq!(table.render(), "score  model  chance\nAUROC   0.71     0.5\nR2       0.9");
    }
}
