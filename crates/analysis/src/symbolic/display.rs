//! Formulas as text and as LaTeX.

use std::fmt;

use super::Expression;

/// How the parts of a formula are written.
#[derive(Clone, Copy)]
enum Notation {
    Text,
    Latex,
}

impl fmt::Display for Expression {
    /// `-x + 2 tanh(0.5 x)`, numbers with five digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&written(self, Notation::Text))
    }
}

impl Expression {
    /// `-x + 2 \tanh(0.5\,x)`, numbers with five digits.
    pub fn latex(&self) -> String {
        written(self, Notation::Latex)
    }
}

fn written(expression: &Expression, notation: Notation) -> String {
    match expression {
        Expression::Constant(value) => number(*value, notation),
        Expression::Variable => "x".to_owned(),
        Expression::Sum(terms) => {
            let mut text = String::new();
            for term in terms {
                let term = written(term, notation);
                match (text.is_empty(), term.strip_prefix('-')) {
                    (true, _) => text.push_str(&term),
                    (false, Some(positive)) => text.push_str(&format!(" - {positive}")),
                    (false, None) => text.push_str(&format!(" + {term}")),
                }
            }
            text
        }
        Expression::Product(factors) => product(factors, notation),
        Expression::Apply(function, inner) => match notation {
            Notation::Text => format!("{}({})", function.name(), written(inner, notation)),
            Notation::Latex => format!("\\{}({})", function.name(), written(inner, notation)),
        },
    }
}

fn product(factors: &[Expression], notation: Notation) -> String {
    let (space, sign, factors) = match (notation, factors.split_first()) {
        (Notation::Text, Some((Expression::Constant(-1.0), rest))) => (" ", "-", rest),
        (Notation::Latex, Some((Expression::Constant(-1.0), rest))) => ("\\,", "-", rest),
        (Notation::Text, _) => (" ", "", factors),
        (Notation::Latex, _) => ("\\,", "", factors),
    };
    let mut parts: Vec<(String, usize)> = Vec::new();
    for factor in factors {
        let text = match factor {
            Expression::Sum(_) => format!("({})", written(factor, notation)),
            // A free coefficient that rounds to 1 is told from one that is 1.
            Expression::Constant(value) if number(value.abs(), notation) == "1" => format!("{value:.4}"),
            other => written(other, notation),
        };
        match parts.last_mut() {
            Some((last, power)) if *last == text => *power += 1,
            _ => parts.push((text, 1)),
        }
    }
    let power = |(text, power): (String, usize)| if power > 1 { format!("{text}^{power}") } else { text };
    sign.to_owned() + &parts.into_iter().map(power).collect::<Vec<_>>().join(space)
}

/// Five significant digits, no zeros at the end.
fn number(value: f64, notation: Notation) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e6).contains(&size) {
        let text = format!("{value:.4e}");
        return match (notation, text.split_once('e')) {
            (Notation::Latex, Some((digits, power))) => format!("{digits} \\cdot 10^{{{power}}}"),
            _ => text,
        };
    }
    let decimals = (4 - size.max(1e-12).log10().floor() as i32).clamp(0, 12) as usize;
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Function;
    use super::*;

    #[test]
    fn formulas_are_readable() {
        use Expression::{Apply, Constant, Product, Sum, Variable};
        let formula = Sum(vec![
            Product(vec![Constant(-1.0), Variable, Variable]),
            Product(vec![
                Constant(-1.99991),
                Apply(Function::Tanh, Box::new(Product(vec![Constant(0.125), Variable]))),
            ]),
            Constant(3e-7),
        ]);
        assert_eq!(formula.to_string(), "-x^2 - 1.9999 tanh(0.125 x) + 3.0000e-7");
        assert_eq!(formula.latex(), "-x^2 - 1.9999\\,\\tanh(0.125\\,x) + 3.0000 \\cdot 10^{-7}");
        assert_eq!(number(123_456.7, Notation::Text), "123457");
        assert_eq!(number(100.0, Notation::Text), "100");
        assert_eq!(number(0.0, Notation::Text), "0");
    }
}
