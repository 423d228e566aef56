//! Which form: the best at each length, and the rule that chooses among them.

use std::collections::BTreeMap;

use super::reduce::{chain, freed};
use super::{Expression, Refined, Samples, SymbolicConfig, refine};
use crate::Error;

/// Distinct forms that are reduced, the best first.
const MOST_CHAINS: usize = 24;

/// A form on the Pareto front: no shorter one is as good.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The form with its constants.
    pub expression: Expression,
    /// Its length, [`Expression::symbols`].
    pub symbols: usize,
    /// Unexplained share of the weighted variance.
    pub unexplained: f64,
    /// What the rule compares; lower is better.
    pub score: f64,
}

/// What was found for one curve.
#[derive(Debug, Clone, PartialEq)]
pub struct Discovery {
    /// The Pareto front, shortest first.
    pub front: Vec<Candidate>,
    /// Place of the chosen form in `front`.
    pub chosen: usize,
    /// The chosen form with every coefficient free: what the data say where the rule has written 1.
    pub freed: Refined,
}

impl Discovery {
    /// The form that the rule chose.
    pub fn chosen(&self) -> &Candidate {
        &self.front[self.chosen]
    }
}

/// Refines and reduces proposed forms, and chooses one by the rule of this module.
///
/// # Errors
/// [`Error::Value`] for a bad setting, [`Error::TooFew`] if no proposal can be evaluated on the curve.
pub fn choose(
    samples: &Samples,
    proposals: &[Expression],
    config: &SymbolicConfig,
) -> Result<Discovery, Error> {
    config.check()?;
    let forms = distinct(samples, proposals, config);
    let reduced: Vec<Refined> =
        forms.iter().take(MOST_CHAINS).flat_map(|form| chain(samples, &form.expression)).collect();
    let front = front(forms.into_iter().chain(reduced), config);
    let best = |(_, a): &(usize, &Candidate), (_, b): &(usize, &Candidate)| a.score.total_cmp(&b.score);
    let Some((chosen, candidate)) = front.iter().enumerate().min_by(best) else {
        return Err(Error::TooFew { what: "forms that can be evaluated on the curve", given: 0, needed: 1 });
    };
    let freed = refine(samples, &freed(&candidate.expression));
    Ok(Discovery { chosen, freed, front })
}

/// One proposal a skeleton, with its best constants, in the order of their scores.
fn distinct(samples: &Samples, proposals: &[Expression], config: &SymbolicConfig) -> Vec<Refined> {
    let mut by_skeleton: BTreeMap<String, Refined> = BTreeMap::new();
    for proposal in proposals {
        let form = proposal.simplified();
        if form.symbols() > 2 * config.most_symbols {
            continue;
        }
        let refined = refine(samples, &form);
        if !refined.unexplained.is_finite() {
            continue;
        }
        // Refined constants may have changed sign: tanh(-x) is written -tanh(x).
        let refined = Refined { expression: refined.expression.simplified(), ..refined };
        let known = by_skeleton.entry(form.skeleton()).or_insert_with(|| refined.clone());
        if refined.unexplained < known.unexplained {
            *known = refined;
        }
    }
    let mut forms: Vec<Refined> = by_skeleton.into_values().collect();
    // A stable sort after the alphabetical order of the skeletons: ties have one outcome.
    forms.sort_by(|a, b| score(a, config).total_cmp(&score(b, config)));
    forms
}

fn front(forms: impl Iterator<Item = Refined>, config: &SymbolicConfig) -> Vec<Candidate> {
    let mut best: BTreeMap<usize, Refined> = BTreeMap::new();
    for form in forms {
        let symbols = form.expression.symbols();
        if symbols > config.most_symbols {
            continue;
        }
        let known = best.entry(symbols).or_insert_with(|| form.clone());
        if form.unexplained < known.unexplained {
            *known = form;
        }
    }
    let mut front: Vec<Candidate> = Vec::new();
    for (symbols, form) in best {
        if front.last().is_none_or(|shorter| form.unexplained < shorter.unexplained) {
            let score = score(&form, config);
            front.push(Candidate {
                symbols,
                unexplained: form.unexplained,
                expression: form.expression,
                score,
            });
        }
    }
    front
}

/// ln(max(u, u_0)) + p symbols.
fn score(form: &Refined, config: &SymbolicConfig) -> f64 {
    let floor = config.tolerance.powi(2);
    form.unexplained.max(floor).ln() + config.symbol_price * form.expression.symbols() as f64
}

#[cfg(test)]
mod tests {
    use super::super::dictionary;
    use super::*;

    fn curve(function: impl Fn(f64) -> f64) -> Samples {
        let x: Vec<f64> = (-80..=80).map(|step| f64::from(step) / 5.0).collect();
        let y = x.iter().map(|&x| function(x)).collect();
        let weight = x.iter().map(|x| (-x * x / 100.0).exp() + 0.01).collect();
        Samples::new(x, y, weight).unwrap()
    }

    fn found(samples: &Samples) -> Discovery {
        choose(samples, &dictionary(samples), &SymbolicConfig::default()).unwrap()
    }

    #[test]
    fn the_published_forms_are_chosen() {
        let forms: [(&dyn Fn(f64) -> f64, &str); 7] = [
            (&|x| x.tanh(), "tanh(x)"),
            (&|x| -x + x.tanh(), "-x + tanh(x)"),
            (&|x| -2.0 * x + 2.0 * x.tanh(), "-2 x + 2 tanh(x)"),
            (&|x| -2.0 * x + x.tanh(), "-2 x + tanh(x)"),
            (&|x| 1.04 * (x / 8.0).tanh(), "1.04 tanh(0.125 x)"),
            (&|x| (x / 4.0).tanh() - 0.028 * x, "-0.028 x + tanh(0.25 x)"),
            (&|x| -3.0 * x + 0.5, "-3 x + 0.5"),
        ];
        for (function, expected) in forms {
            let discovery = found(&curve(function));
            assert_eq!(discovery.chosen().expression.to_string(), expected);
        }
    }

    #[test]
    fn noise_below_the_tolerance_buys_no_symbols() {
        let samples = curve(|x| -x + x.tanh() + 1e-3 * (3.0 * x).sin());
        let discovery = found(&samples);
        assert_eq!(discovery.chosen().expression.to_string(), "-x + tanh(x)");
        // What the rule rounds to 1 is told with its digits.
        let constants = discovery.freed.expression.constants();
        assert_eq!(constants.len(), 3);
        assert!(constants.iter().all(|constant| (constant.abs() - 1.0).abs() < 2e-3), "{constants:?}");
    }

    #[test]
    fn the_front_falls_as_it_grows() {
        let front = found(&curve(|x| x.tanh() - 0.1 * x + 0.2 * (0.5 * x).sin())).front;
        assert!(
            front.windows(2).all(|pair| {
                pair[0].symbols < pair[1].symbols && pair[0].unexplained > pair[1].unexplained
            })
        );
        assert!(front.len() > 3);
    }

    #[test]
    fn a_price_of_symbols_shortens_the_choice() {
        let samples = curve(|x| x.tanh() - 0.02 * x);
        let length = |symbol_price| {
            let config = SymbolicConfig { symbol_price, ..SymbolicConfig::default() };
            choose(&samples, &dictionary(&samples), &config).unwrap().chosen().symbols
        };
        assert!(length(5.0) < length(0.35));
    }
}
