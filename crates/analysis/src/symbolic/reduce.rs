//! From one form to a chain of ever simpler ones.

use super::{Expression, Refined, Samples, refine};

use Expression::{Apply, Constant, Product, Sum, Variable};

/// The form with every coefficient free, refined, then with one constant less at a time.
///
/// At each step the constant is taken away (a term dropped, or a coefficient set to 1 or -1) whose loss costs
/// least after the rest is refined again.
pub(super) fn chain(samples: &Samples, form: &Expression) -> Vec<Refined> {
    let freed = freed(form);
    let mut current = [refine(samples, form), refine(samples, &freed)]
        .into_iter()
        .filter(|one| one.unexplained.is_finite())
        .min_by(|a, b| a.unexplained.total_cmp(&b.unexplained));
    let mut chain = Vec::new();
    while let Some(one) = current {
        let simpler = simpler(&one.expression).into_iter().map(|expression| refine(samples, &expression));
        current = simpler
            .filter(|next| next.unexplained.is_finite())
            .min_by(|a, b| a.unexplained.total_cmp(&b.unexplained));
        chain.push(Refined { expression: one.expression.simplified(), unexplained: one.unexplained });
    }
    chain
}

/// Each term of the outer sum, and each argument of a function, with a coefficient of its own.
pub(super) fn freed(form: &Expression) -> Expression {
    match form {
        Sum(terms) => Sum(terms.iter().map(freed_term).collect()),
        other => freed_term(other),
    }
}

fn freed_term(term: &Expression) -> Expression {
    match term {
        Constant(_) => term.clone(),
        Product(factors) => {
            let (sign, rest) = match factors.split_first() {
                Some((Constant(value), rest)) => (*value, rest),
                _ => (1.0, &factors[..]),
            };
            let mut freed = vec![Constant(nudged(sign))];
            freed.extend(rest.iter().map(freed_argument));
            Product(freed)
        }
        other => Product(vec![Constant(nudged(1.0)), freed_argument(other)]),
    }
}

/// exp(g + c) hides a coefficient; the others take a line as it is.
fn freed_argument(factor: &Expression) -> Expression {
    match factor {
        Apply(function, inner) => Apply(*function, Box::new(freed(inner))),
        other => other.clone(),
    }
}

/// A sign becomes a free constant next to it.
fn nudged(value: f64) -> f64 {
    if Expression::is_free(value) { value } else { value * (1.0 + 1e-6) }
}

/// Every way to take away one free constant: set to 0, or to the sign that it has.
fn simpler(form: &Expression) -> Vec<Expression> {
    let constants = form.constants();
    let mut all = Vec::new();
    for (place, &constant) in constants.iter().enumerate() {
        for value in [0.0, constant.signum()] {
            let mut changed = constants.clone();
            changed[place] = value;
            let simpler = form.with_constants(&changed).simplified();
            let shorter = simpler.constants().len() < constants.len() && simpler.symbols() < form.symbols();
            if shorter
                && !matches!(simpler, Constant(_) | Variable if simpler.constants().is_empty() && value == 0.0)
            {
                all.push(simpler);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::Function;
    use super::*;

    #[test]
    fn constants_that_mean_nothing_are_taken_away_first() {
        let x: Vec<f64> = (-40..=40).map(|step| f64::from(step) / 4.0).collect();
        let y: Vec<f64> = x.iter().map(|x| -x + 2.0 * x.tanh()).collect();
        let samples = Samples::new(x.clone(), y, vec![1.0; x.len()]).unwrap();
        let tanh = Apply(Function::Tanh, Box::new(Product(vec![Constant(1.1), Variable])));
        let start = Sum(vec![
            Product(vec![Constant(-0.9), Variable]),
            Product(vec![Constant(1.5), tanh]),
            Constant(0.1),
        ]);
        let chain = chain(&samples, &start);
        let exact: Vec<String> = chain
            .iter()
            .filter(|one| one.unexplained < 1e-12)
            .map(|one| one.expression.to_string())
            .collect();
        assert_eq!(exact.last().map(String::as_str), Some("-x + 2 tanh(x)"), "{exact:?}");
        let symbols: Vec<usize> = chain.iter().map(|one| one.expression.symbols()).collect();
        assert!(symbols.windows(2).all(|pair| pair[1] < pair[0]), "{symbols:?}");
    }
}
