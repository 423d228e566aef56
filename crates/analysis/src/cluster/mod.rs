//! Groups of points.
