//! Quantiles, bootstrap intervals, permutation p-values, coverage.
