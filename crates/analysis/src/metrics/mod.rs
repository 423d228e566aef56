//! Scores of a prediction against a truth.
