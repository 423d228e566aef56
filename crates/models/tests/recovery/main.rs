//! What is known about simulated circuits is found again; one program, since linking is slow.

mod circuit_vae;
mod classes;
mod constraints;
mod field;
mod formulas;
mod simulated;
mod training;
mod weight_manifold;
mod weight_minima;
mod wiring;
