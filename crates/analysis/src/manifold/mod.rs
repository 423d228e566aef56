//! Few coordinates for many dimensions.
