//! Genetic search for forms, by the crate `symbolic_regression`.

use dynamic_expressions::{OpId, OperatorSet};
use ndarray::{Array1, Array2};
use neuroloom_core::Seed;
use symbolic_regression::prelude::{BuiltinOpsF64, Dataset, Options, PNode, equation_search};

use super::{Expression, Function, Samples, SymbolicConfig};
use crate::Error;

/// What formulas are made of; the published choice (Allier et al. 2026).
const OPERATORS: [&str; 6] = ["+", "*", "tanh", "exp", "sin", "cos"];

/// Largest arity of an operator.
const ARITY: usize = 2;

/// The Pareto front of one genetic search, in normal form.
///
/// Regularised evolution (Cranmer 2023) over +, *, tanh, exp, sin, cos. The search runs in one thread, for the
/// order in which populations meet would else depend on the threads.
///
/// # Errors
/// [`Error::Value`] if no thread can be started.
pub fn evolve(samples: &Samples, config: &SymbolicConfig, seed: Seed) -> Result<Vec<Expression>, Error> {
    let dataset = dataset(samples)?;
    let operators = BuiltinOpsF64::from_names(OPERATORS).map_err(|error| Error::Value {
        what: "the operators of the genetic search",
        given: format!("{error:?}"),
        allowed: OPERATORS.join(" "),
    })?;
    let options = Options::<f64, ARITY> {
        operators,
        seed: seed.0,
        niterations: config.iterations,
        populations: config.populations,
        maxsize: config.most_symbols,
        deterministic: true,
        progress: false,
        ..Default::default()
    };
    let one_thread =
        rayon::ThreadPoolBuilder::new().num_threads(1).build().map_err(|error| Error::Value {
            what: "a thread for the genetic search",
            given: error.to_string(),
            allowed: "one more thread of the system".to_owned(),
        })?;
    let found = one_thread.install(|| equation_search::<_, BuiltinOpsF64, ARITY>(&dataset, &options));
    let front = found.hall_of_fame.pareto_front();
    Ok(front.iter().filter_map(|member| read(&member.expr.nodes, &member.expr.consts)).collect())
}

fn dataset(samples: &Samples) -> Result<Dataset<f64>, Error> {
    let n = samples.x().len();
    let x = Array2::from_shape_vec((1, n), samples.x().to_vec()).map_err(|error| Error::Shape {
        what: "the points of a curve",
        given: error.to_string(),
        allowed: format!("[1, {n}]"),
    })?;
    let y = Array1::from(samples.y().to_vec());
    // The engine divides by the sum of the weights: a mean of 1 keeps its losses comparable.
    let weight = samples.weight().iter().map(|weight| weight * n as f64).collect();
    Ok(Dataset::with_weights_and_names(x, y, Some(weight), vec!["x".to_owned()]))
}

/// From postfix notation to a tree; `None` if it holds anything that has no place here.
fn read(nodes: &[PNode], constants: &[f64]) -> Option<Expression> {
    let mut stack: Vec<Expression> = Vec::new();
    for node in nodes {
        let next = match *node {
            PNode::Var { .. } => Expression::Variable,
            PNode::Const { idx } => Expression::Constant(*constants.get(usize::from(idx))?),
            PNode::Op { arity, op } => {
                let arguments = stack.split_off(stack.len().checked_sub(usize::from(arity))?);
                operation(BuiltinOpsF64::name(OpId { arity, id: op }), arguments)?
            }
        };
        stack.push(next);
    }
    let whole = stack.pop()?.simplified();
    (stack.is_empty() && whole.constants().iter().all(|constant| constant.is_finite())).then_some(whole)
}

fn operation(name: &str, mut arguments: Vec<Expression>) -> Option<Expression> {
    let function = match name {
        "+" | "add" => return Some(Expression::Sum(arguments)),
        "*" | "mul" => return Some(Expression::Product(arguments)),
        "tanh" => Function::Tanh,
        "exp" => Function::Exp,
        "sin" => Function::Sin,
        "cos" => Function::Cos,
        _ => return None,
    };
    Some(Expression::Apply(function, Box::new(arguments.pop()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(function: impl Fn(f64) -> f64) -> Samples {
        let x: Vec<f64> = (-60..=60).map(|step| f64::from(step) / 5.0).collect();
        let y = x.iter().map(|&x| function(x)).collect();
        let weight = x.iter().map(|x| (-x * x / 50.0).exp()).collect();
        Samples::new(x, y, weight).unwrap()
    }

    #[test]
    fn the_same_seed_finds_the_same_forms_in_any_pool() {
        let samples = curve(|x| -2.0 * x + 2.0 * x.tanh());
        let config = SymbolicConfig { iterations: 3, ..SymbolicConfig::default() };
        let found = |threads: usize, seed: u64| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| evolve(&samples, &config, Seed(seed)).unwrap())
        };
        let one = found(1, 5);
        assert!(one.len() > 2);
        assert_eq!(one, found(3, 5));
        assert_ne!(one, found(1, 6), "the seed is used");
    }

    #[test]
    fn every_operator_of_the_engine_is_read() {
        for name in OPERATORS {
            let arity = if name == "+" || name == "*" { 2 } else { 1 };
            assert!(operation(name, vec![Expression::Variable; arity]).is_some(), "{name}");
        }
        let known: Vec<&str> = [1_u8, 2]
            .iter()
            .flat_map(|&arity| BuiltinOpsF64::ops_with_arity(arity).iter().map(move |&id| OpId { arity, id }))
            .map(BuiltinOpsF64::name)
            .collect();
        for name in ["tanh", "exp", "sin", "cos"] {
            assert!(known.contains(&name), "{name} of {known:?}");
        }
    }
}
