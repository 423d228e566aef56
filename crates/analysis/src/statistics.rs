//! Quantiles, bootstrap intervals, permutation p-values, coverage: how sure is a number?
//!
//! # Examples
//! ```
//! use neuroloom_analysis::statistics::{Resampling, bootstrap_interval, median};
//! let scores = [0.61, 0.58, 0.66, 0.63, 0.60];
//! let middle = |scores: &[f64]| median(scores).unwrap_or(f64::NAN);
//! let interval = bootstrap_interval(&scores, middle, &Resampling::default())?;
//! assert!(interval.low <= 0.61 && 0.61 <= interval.high);
//! # Ok::<(), neuroloom_analysis::Error>(())
//! ```

mod chi_square;
mod interval;
mod normal;
mod ranks;
mod resampling;
mod summary;

pub use chi_square::chi_square_cdf;
pub use interval::{Interval, coverage, normal_interval};
pub use normal::{normal_cdf, normal_quantile};
pub use ranks::ranks;
pub use resampling::{
    Resampling, Tail, bootstrap_interval, bootstrap_positions, permutation_null, permutation_p_value,
};
pub use summary::{mean_and_sd, median, quantile, quantiles};

use crate::Error;
use crate::metrics::check_finite;

fn check_samples(values: &[f64], needed: usize) -> Result<(), Error> {
    if values.len() < needed {
        return Err(Error::TooFew { what: "samples", given: values.len(), needed });
    }
    check_finite("samples", values)
}

fn check_level(level: f64) -> Result<(), Error> {
    if level > 0.0 && level < 1.0 {
        return Ok(());
    }
    Err(Error::Value { what: "level", given: level.to_string(), allowed: "above 0 and below 1".into() })
}
