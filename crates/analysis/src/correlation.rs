//! Correlation of recordings.
