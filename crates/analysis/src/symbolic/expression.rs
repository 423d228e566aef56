//! Expressions in one variable x.

/// A function of one argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Function {
    /// Hyperbolic tangent.
    Tanh,
    /// Exponential.
    Exp,
    /// Sine.
    Sin,
    /// Cosine.
    Cos,
}

/// A formula in x. Kept in a normal form by [`Expression::simplified`]: a sum of terms, each a constant times
/// powers of x and functions.
///
/// A coefficient of 1 is not written; -1 is a sign. All other constants are free: [`refine`](super::refine())
/// may change them.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// A number.
    Constant(f64),
    /// x.
    Variable,
    /// Terms added up.
    Sum(Vec<Expression>),
    /// Factors; a numeric factor comes first.
    Product(Vec<Expression>),
    /// A function of an expression.
    Apply(Function, Box<Expression>),
}

impl Function {
    /// The value at `x`.
    pub fn value(self, x: f64) -> f64 {
        match self {
            Self::Tanh => x.tanh(),
            Self::Exp => x.exp(),
            Self::Sin => x.sin(),
            Self::Cos => x.cos(),
        }
    }

    /// The slope at `x`.
    pub fn slope(self, x: f64) -> f64 {
        match self {
            Self::Tanh => 1.0 - x.tanh().powi(2),
            Self::Exp => x.exp(),
            Self::Sin => x.cos(),
            Self::Cos => -x.sin(),
        }
    }

    /// Its name in text and, behind a backslash, in LaTeX.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tanh => "tanh",
            Self::Exp => "exp",
            Self::Sin => "sin",
            Self::Cos => "cos",
        }
    }
}

impl Expression {
    /// The value at `x`.
    pub fn value(&self, x: f64) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Variable => x,
            Self::Sum(terms) => terms.iter().map(|term| term.value(x)).sum(),
            Self::Product(factors) => factors.iter().map(|factor| factor.value(x)).product(),
            Self::Apply(function, inner) => function.value(inner.value(x)),
        }
    }

    /// The values at many x.
    pub fn values(&self, x: &[f64]) -> Vec<f64> {
        x.iter().map(|&x| self.value(x)).collect()
    }

    /// Number of symbols: variables, functions, operators and constants. A coefficient of 1 and a sign are none,
    /// so `-x + 2 tanh(x)` has 6: x, +, 2, times, tanh, x.
    pub fn symbols(&self) -> usize {
        let joined =
            |parts: &[Self]| parts.iter().map(Self::symbols).sum::<usize>() + parts.len().saturating_sub(1);
        match self {
            Self::Constant(_) | Self::Variable => 1,
            Self::Sum(terms) => joined(terms),
            Self::Product(factors) => match factors.split_first() {
                Some((Self::Constant(sign), rest)) if sign.abs() == 1.0 => joined(rest),
                _ => joined(factors),
            },
            Self::Apply(_, inner) => 1 + inner.symbols(),
        }
    }

    /// The free constants, in the order of writing.
    pub fn constants(&self) -> Vec<f64> {
        let mut constants = Vec::new();
        self.visit_constants(&mut |value| constants.push(value));
        constants
    }

    /// The same form with other free constants, in the order of [`Expression::constants`]; missing ones stay.
    pub fn with_constants(&self, constants: &[f64]) -> Self {
        let mut next = constants.iter();
        self.map_constants(&mut |value| next.next().copied().unwrap_or(value))
    }

    /// Whether a constant is free: everything but the signs.
    pub(super) fn is_free(constant: f64) -> bool {
        constant.abs() != 1.0
    }

    fn visit_constants(&self, see: &mut impl FnMut(f64)) {
        match self {
            Self::Constant(value) if Self::is_free(*value) => see(*value),
            Self::Constant(_) | Self::Variable => {}
            Self::Sum(parts) | Self::Product(parts) => {
                parts.iter().for_each(|part| part.visit_constants(see))
            }
            Self::Apply(_, inner) => inner.visit_constants(see),
        }
    }

    fn map_constants(&self, change: &mut impl FnMut(f64) -> f64) -> Self {
        match self {
            Self::Constant(value) if Self::is_free(*value) => Self::Constant(change(*value)),
            Self::Constant(_) | Self::Variable => self.clone(),
            Self::Sum(parts) => Self::Sum(parts.iter().map(|part| part.map_constants(change)).collect()),
            Self::Product(parts) => {
                Self::Product(parts.iter().map(|part| part.map_constants(change)).collect())
            }
            Self::Apply(function, inner) => Self::Apply(*function, Box::new(inner.map_constants(change))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// -x + 2 tanh(0.5 x)
    fn example() -> Expression {
        use Expression::{Apply, Constant, Product, Sum, Variable};
        Sum(vec![
            Product(vec![Constant(-1.0), Variable]),
            Product(vec![
                Constant(2.0),
                Apply(Function::Tanh, Box::new(Product(vec![Constant(0.5), Variable]))),
            ]),
        ])
    }

    #[test]
    fn values_symbols_and_constants_of_an_example() {
        let example = example();
        assert!((example.value(2.0) - (-2.0 + 2.0 * 1.0_f64.tanh())).abs() < 1e-15);
        // x + 2 * tanh ( 0.5 * x ): x, +, 2, *, tanh, 0.5, *, x
        assert_eq!(example.symbols(), 8);
        assert_eq!(example.constants(), [2.0, 0.5], "the sign is not free");
        assert_eq!(example.with_constants(&[3.0, 0.25]).constants(), [3.0, 0.25]);
    }
}
