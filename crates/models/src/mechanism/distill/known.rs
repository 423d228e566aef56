//! The true formulas of a simulation, in the gauge of the fit.

use neuroloom_analysis::symbolic::{Expression, Function};
use neuroloom_core::{Activation, Truth};

use super::curves::{Part, SampledCurve};

use Expression::{Apply, Constant, Product, Sum, Variable};

/// The function behind a curve; `None` where it has no formula in +, *, tanh, exp, sin, cos.
///
/// The type is that of most neurons of the group. psi is scaled to a maximum of 1 on the visited range.
pub(super) fn expression(truth: &Truth, curve: &SampledCurve) -> Option<Expression> {
    let cell_type = most_common(truth, &curve.neurons);
    let own = &truth.types[cell_type];
    match curve.part {
        Part::Update => {
            let line = times(-own.decay, Variable);
            let bent = times(own.self_coupling, activation(truth.activation, Variable)?);
            Some(Sum(vec![line, bent, Constant(own.offset)]).simplified())
        }
        Part::Transfer => {
            let at_rest = truth.transfer(cell_type, cell_type, 0.0);
            let inner = times(1.0 / own.width, Sum(vec![Variable, Constant(-own.threshold)]));
            // A receiver's psi has its sender's linear part too: no single formula.
            let form = match truth.transfer {
                neuroloom_core::TransferKind::Shared => activation(truth.activation, Variable)?,
                neuroloom_core::TransferKind::Sender => activation(truth.activation, inner)?,
                neuroloom_core::TransferKind::Receiver => return None,
            };
            let form = Sum(vec![form, Constant(-at_rest)]);
            let largest = curve.samples.x().iter().map(|&x| form.value(x).abs()).fold(0.0, f64::max);
            let scale = if (largest - 1.0).abs() < 1e-6 { 1.0 } else { 1.0 / largest };
            Some(times(scale, form).simplified())
        }
    }
}

/// Largest relative difference of the coefficients, where both have the same form.
pub(super) fn largest_error(known: &Expression, found: &Expression) -> Option<f64> {
    let (known, found) = (terms(known), terms(found));
    if known.len() != found.len() || known.iter().zip(&found).any(|(a, b)| a.0 != b.0) {
        return None;
    }
    let pairs = known.iter().zip(&found).flat_map(|(a, b)| a.1.iter().zip(&b.1));
    Some(pairs.map(|(known, found)| ((found - known) / known).abs()).fold(0.0, f64::max))
}

/// Each term as its function and all its numbers, written or not: c x^p or c f(k x).
fn terms(expression: &Expression) -> Vec<(String, Vec<f64>)> {
    let parts = match expression {
        Sum(parts) => parts.clone(),
        other => vec![other.clone()],
    };
    let mut terms: Vec<(String, Vec<f64>)> = parts.iter().map(term).collect();
    terms.sort_by(|a, b| a.0.cmp(&b.0));
    terms
}

fn term(part: &Expression) -> (String, Vec<f64>) {
    let (coefficient, factors) = match part {
        Product(factors) => match factors.split_first() {
            Some((Constant(value), rest)) => (*value, rest.to_vec()),
            _ => (1.0, factors.clone()),
        },
        Constant(value) => (*value, Vec::new()),
        other => (1.0, vec![other.clone()]),
    };
    let (mut name, mut numbers) = (String::new(), vec![coefficient]);
    for factor in &factors {
        match factor {
            Apply(function, inner) => {
                let inner = terms(inner);
                let names: Vec<&str> = inner.iter().map(|one| one.0.as_str()).collect();
                name.push_str(&format!("{}({})", function.name(), names.join("+")));
                numbers.extend(inner.iter().flat_map(|one| one.1.iter().copied()));
            }
            other => name.push_str(&other.to_string()),
        }
    }
    (name, numbers)
}

/// f of an expression as a formula.
fn activation(kind: Activation, inner: Expression) -> Option<Expression> {
    let tanh = |inner| Apply(Function::Tanh, Box::new(inner));
    match kind {
        Activation::Tanh => Some(tanh(inner)),
        // 1 / (1 + exp(-x)) = 1/2 + 1/2 tanh(x / 2)
        Activation::Sigmoid => Some(Sum(vec![Constant(0.5), times(0.5, tanh(times(0.5, inner)))])),
        Activation::Relu => None,
    }
}

fn times(value: f64, inner: Expression) -> Expression {
    Product(vec![Constant(value), inner])
}

fn most_common(truth: &Truth, neurons: &[usize]) -> usize {
    let mut counts = vec![0_usize; truth.types.len()];
    neurons.iter().for_each(|&one| counts[truth.cell_type[one] as usize] += 1);
    (0..counts.len()).max_by_key(|&one| (counts[one], std::cmp::Reverse(one))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tanh(inner: Expression) -> Expression {
        Apply(Function::Tanh, Box::new(inner))
    }

    #[test]
    fn unwritten_ones_are_compared_too() {
        let known = Sum(vec![times(-1.0, Variable), times(2.0, tanh(Variable))]);
        let found = Sum(vec![times(-0.999, Variable), times(2.002, tanh(times(1.003, Variable)))]);
        let error = largest_error(&known, &found).unwrap();
        assert!((error - 0.003).abs() < 1e-12, "{error}");
        assert_eq!(largest_error(&known, &Variable), None);
    }
}
