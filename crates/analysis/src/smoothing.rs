//! Cubic smoothing splines on a uniform time grid.
