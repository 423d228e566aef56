//! Pages and figure files as a reader meets them; one program, since linking is slow.

mod circuit_code;
mod fixture;
mod missing;
mod page;
mod weight_manifold;
