//! The normal form: two ways of writing one formula become equal.

use super::{Expression, Function};

use Expression::{Apply, Constant, Product, Sum, Variable};

impl Expression {
    /// A sum of terms, like terms combined, constants in front, signs pulled out of odd functions, in a fixed
    /// order.
    pub fn simplified(&self) -> Self {
        match self {
            Constant(_) | Variable => self.clone(),
            Sum(parts) => sum(parts.iter().map(Self::simplified).collect()),
            Product(parts) => product(parts.iter().map(Self::simplified).collect()),
            Apply(function, inner) => apply(*function, inner.simplified()),
        }
    }

    /// The form without its constants: equal for formulas that differ in numbers alone, signs included.
    pub(super) fn skeleton(&self) -> String {
        match self {
            Constant(_) => "c".to_owned(),
            Variable => "x".to_owned(),
            Sum(parts) => format!("({})", joined(parts, "+")),
            Product(parts) => match parts.split_first() {
                Some((Constant(_), rest)) => joined(rest, "*"),
                _ => joined(parts, "*"),
            },
            Apply(function, inner) => format!("{}[{}]", function.name(), inner.skeleton()),
        }
    }

    /// Coefficient and the rest: 3 x -> (3, x), tanh(x) -> (1, tanh(x)), 5 -> (5, 1).
    pub(super) fn split_coefficient(self) -> (f64, Option<Self>) {
        match self {
            Constant(value) => (value, None),
            Product(mut parts) => match parts.first() {
                Some(&Constant(value)) => {
                    parts.remove(0);
                    (value, Some(unwrapped(parts)))
                }
                _ => (1.0, Some(Product(parts))),
            },
            other => (1.0, Some(other)),
        }
    }

    /// The same times a number.
    pub(super) fn scaled(self, scale: f64) -> Self {
        match self {
            Sum(terms) => sum(terms.into_iter().map(|term| term.scaled(scale)).collect()),
            other => {
                let (coefficient, rest) = other.split_coefficient();
                with_coefficient(coefficient * scale, rest)
            }
        }
    }
}

fn sum(parts: Vec<Expression>) -> Expression {
    let mut terms: Vec<(f64, Option<Expression>)> = Vec::new();
    let mut add = |part: Expression| {
        let (coefficient, rest) = part.split_coefficient();
        match terms.iter_mut().find(|(_, other)| *other == rest) {
            Some((total, _)) => *total += coefficient,
            None => terms.push((coefficient, rest)),
        }
    };
    for part in parts {
        match part {
            Sum(inner) => inner.into_iter().for_each(&mut add),
            other => add(other),
        }
    }
    let mut terms: Vec<Expression> = terms
        .into_iter()
        .filter(|(coefficient, _)| *coefficient != 0.0)
        .map(|(coefficient, rest)| with_coefficient(coefficient, rest))
        .collect();
    terms.sort_by_cached_key(order);
    match terms.len() {
        0 => Constant(0.0),
        1 => terms.remove(0),
        _ => Sum(terms),
    }
}

fn product(parts: Vec<Expression>) -> Expression {
    let mut coefficient = 1.0;
    let mut factors = Vec::new();
    let mut take = |part: Expression| {
        let (scale, rest) = part.split_coefficient();
        coefficient *= scale;
        match rest {
            Some(Product(inner)) => factors.extend(inner),
            Some(other) => factors.push(other),
            None => {}
        }
    };
    parts.into_iter().for_each(&mut take);
    if coefficient == 0.0 {
        return Constant(0.0);
    }
    if let Some(place) = factors.iter().position(|factor| matches!(factor, Sum(_))) {
        let Sum(terms) = factors.remove(place) else { return Constant(0.0) };
        // Multiplied out only where nothing is written twice.
        if factors.is_empty() {
            return sum(terms.into_iter().map(|term| term.scaled(coefficient)).collect());
        }
        factors.push(Sum(terms));
    }
    factors.sort_by_cached_key(order);
    with_coefficient(coefficient, (!factors.is_empty()).then(|| unwrapped(factors)))
}

fn apply(function: Function, inner: Expression) -> Expression {
    if let Constant(value) = inner {
        return Constant(function.value(value));
    }
    if leading_sign(&inner) < 0.0 {
        match function {
            Function::Tanh | Function::Sin => {
                return with_coefficient(-1.0, Some(Apply(function, Box::new(inner.scaled(-1.0)))));
            }
            Function::Cos => return Apply(function, Box::new(inner.scaled(-1.0))),
            Function::Exp => {}
        }
    }
    match (function, inner) {
        // exp(g + c) = e^c exp(g): the constant is a coefficient.
        (Function::Exp, Sum(terms)) => {
            let (constants, rest): (Vec<_>, Vec<_>) =
                terms.into_iter().partition(|term| matches!(term, Constant(_)));
            let shift: f64 = constants.iter().map(|constant| constant.value(0.0)).sum();
            with_coefficient(shift.exp(), Some(Apply(function, Box::new(sum(rest)))))
        }
        (function, inner) => Apply(function, Box::new(inner)),
    }
}

/// The sign of the coefficient of the first term.
fn leading_sign(expression: &Expression) -> f64 {
    match expression {
        Constant(value) => value.signum(),
        Sum(terms) => terms.first().map_or(1.0, leading_sign),
        Product(factors) => factors.first().map_or(1.0, |first| match first {
            Constant(value) => value.signum(),
            _ => 1.0,
        }),
        Variable | Apply(..) => 1.0,
    }
}

fn with_coefficient(coefficient: f64, rest: Option<Expression>) -> Expression {
    match rest {
        None => Constant(coefficient),
        Some(rest) if coefficient == 1.0 => rest,
        Some(Product(mut factors)) => {
            factors.insert(0, Constant(coefficient));
            Product(factors)
        }
        Some(rest) => Product(vec![Constant(coefficient), rest]),
    }
}

fn unwrapped(mut factors: Vec<Expression>) -> Expression {
    if factors.len() == 1 { factors.remove(0) } else { Product(factors) }
}

/// Powers of x first, then functions, a constant last; equal shapes by their numbers.
fn order(expression: &Expression) -> (u8, String, Vec<u64>) {
    let rank = match expression {
        Variable => 0,
        Product(factors) if factors.iter().all(|factor| matches!(factor, Constant(_) | Variable)) => 0,
        Constant(_) => 3,
        Product(_) | Sum(_) => 2,
        Apply(..) => 1,
    };
    let rank = match expression {
        Product(factors) if rank == 2 && factors.iter().any(|factor| matches!(factor, Apply(..))) => 1,
        _ => rank,
    };
    (rank, expression.skeleton(), expression.constants().iter().map(|value| value.to_bits()).collect())
}

fn joined(parts: &[Expression], separator: &str) -> String {
    parts.iter().map(Expression::skeleton).collect::<Vec<_>>().join(separator)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tanh(inner: Expression) -> Expression {
        Apply(Function::Tanh, Box::new(inner))
    }

    fn times(value: f64, inner: Expression) -> Expression {
        Product(vec![Constant(value), inner])
    }

    #[test]
    fn the_ways_of_writing_one_formula_become_equal() {
        // (tanh(x * -1) + x) * -2  =  -2 x + 2 tanh(x)
        let nested = times(-2.0, Sum(vec![tanh(times(-1.0, Variable)), Variable]));
        let plain = Sum(vec![times(2.0, tanh(Variable)), times(-2.0, Variable)]);
        assert_eq!(nested.simplified(), plain.simplified());
        assert_eq!(nested.simplified().to_string(), "-2 x + 2 tanh(x)");
    }

    #[test]
    fn like_terms_are_combined_and_zeros_vanish() {
        // (x * -2) + (x + tanh(x)) = -x + tanh(x)
        let long = Sum(vec![times(-2.0, Variable), Sum(vec![Variable, tanh(Variable)])]);
        assert_eq!(long.simplified().to_string(), "-x + tanh(x)");
        let gone = Sum(vec![Variable, times(-1.0, Variable)]);
        assert_eq!(gone.simplified(), Constant(0.0));
    }

    #[test]
    fn constants_are_folded() {
        let folded = Sum(vec![tanh(Constant(0.0)), Product(vec![Constant(2.0), Constant(3.0)])]);
        assert_eq!(folded.simplified(), Constant(6.0));
        // exp(x + 0.5) = e^0.5 exp(x)
        let shifted = Apply(Function::Exp, Box::new(Sum(vec![Variable, Constant(0.5)]))).simplified();
        assert_eq!(shifted.constants(), [0.5_f64.exp()]);
    }

    fn any_expression() -> impl Strategy<Value = Expression> {
        let leaf = prop_oneof![Just(Variable), (-3.0..3.0_f64).prop_map(Constant), Just(Constant(-1.0))];
        leaf.prop_recursive(4, 24, 3, |inner| {
            let functions = [Function::Tanh, Function::Sin, Function::Cos];
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..4).prop_map(Sum),
                prop::collection::vec(inner.clone(), 1..4).prop_map(Product),
                (prop::sample::select(functions.to_vec()), inner)
                    .prop_map(|(function, inner)| Apply(function, Box::new(inner))),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_normal_form_has_the_same_values_and_is_its_own(expression in any_expression()) {
            let simple = expression.simplified();
            for x in [-1.3, -0.2, 0.0, 0.7, 2.1] {
                let (before, after) = (expression.value(x), simple.value(x));
                // Sums of huge terms cancel differently.
                if before.abs() < 1e3 && after.abs() < 1e3 {
                    prop_assert!((before - after).abs() <= 1e-6 * (1.0 + before.abs()), "{expression:?} at {x}");
                }
            }
            let again = simple.simplified();
            prop_assert_eq!(again.skeleton(), simple.skeleton());
        }
    }
}
