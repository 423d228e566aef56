//! Formulas from curves: which short expression is this sampled function?
//!
//! 1. *Propose*: a genetic search ([`evolve()`], the crate `symbolic_regression`, the Rust port of the engine of
//!    PySR) and a small [`dictionary()`] of forms that are common in neuroscience.
//! 2. *Refine*: all constants of every proposal by Levenberg-Marquardt ([`refine()`]).
//! 3. *Reduce*: constants are taken away one by one (set to 0, 1 or -1), the rest is refined again.
//! 4. *Choose*: of the best form at each length ([`Candidate`]) the one with the lowest [`Candidate::score`].
//!
//! **The rule.** score = ln(max(u, u_0)) + p * symbols, where u is the weighted residual variance over the
//! weighted variance of the curve, u_0 = 1e-6 (a residual of 0.1 % of the curve's spread: what a fitted spline
//! may mean) and p = 0.35: each further symbol must cut the unexplained variance by 30 %. Ties go to the
//! shorter form.
//!
//! The same seed gives the same formulas for any number of threads: a search runs in one thread, and its
//! result depends on its seed alone.
//!
//! # Examples
//! ```
//! use neuroloom_analysis::symbolic::{Samples, SymbolicConfig, choose, dictionary};
//! let x: Vec<f64> = (-40..=40).map(|step| f64::from(step) / 4.0).collect();
//! let y: Vec<f64> = x.iter().map(|x| -x + 2.0 * x.tanh()).collect();
//! let samples = Samples::new(x.clone(), y, vec![1.0; x.len()])?;
//! let found = choose(&samples, &dictionary(&samples), &SymbolicConfig::default())?;
//! assert_eq!(found.chosen().expression.to_string(), "-x + 2 tanh(x)");
//! # Ok::<(), neuroloom_analysis::Error>(())
//! ```

mod canonical;
mod choice;
mod derivative;

mod display;
mod evolution;
mod expression;
mod forms;
mod reduce;
mod refinement;
mod samples;

pub use choice::{Candidate, Discovery, choose};
pub use evolution::evolve;
pub use expression::{Expression, Function};
pub use forms::dictionary;
pub use refinement::{Refined, refine};
pub use samples::Samples;

use serde::{Deserialize, Serialize};

use crate::Error;

/// Settings of the search for formulas.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct SymbolicConfig {
    /// Independent genetic searches a curve.
    pub restarts: usize,
    /// Generations of each search.
    pub iterations: usize,
    /// Populations of each search.
    pub populations: usize,
    /// Most symbols of a formula.
    pub most_symbols: usize,
    /// Score of one symbol: how many units of ln(unexplained variance) it must gain.
    pub symbol_price: f64,
    /// Residuals below this fraction of the curve's standard deviation count as equal.
    pub tolerance: f64,
}

impl Default for SymbolicConfig {
    fn default() -> Self {
        Self {
            restarts: 4,
            iterations: 10,
            populations: 6,
            most_symbols: 16,
            symbol_price: 0.35,
            tolerance: 1e-3,
        }
    }
}

impl SymbolicConfig {
    /// Checks every field.
    ///
    /// # Errors
    /// [`Error::Value`] naming the field and what is allowed.
    pub fn check(&self) -> Result<(), Error> {
        let ranges = [
            ("restarts", self.restarts, 0, 1000),
            ("iterations", self.iterations, 1, 10_000),
            ("populations", self.populations, 1, 1000),
            ("most-symbols", self.most_symbols, 3, 40),
        ];
        for (what, given, least, most) in ranges {
            if !(least..=most).contains(&given) {
                return Err(Error::Value {
                    what,
                    given: given.to_string(),
                    allowed: format!("{least} to {most}"),
                });
            }
        }
        for (what, given, most) in
            [("symbol-price", self.symbol_price, 10.0), ("tolerance", self.tolerance, 1.0)]
        {
            if !(given > 0.0 && given <= most) {
                return Err(Error::Value {
                    what,
                    given: given.to_string(),
                    allowed: format!("above 0 to {most}"),
                });
            }
        }
        Ok(())
    }
}
