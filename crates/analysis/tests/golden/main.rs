//! Numbers of numpy, scipy, scikit-learn, networkx and shap are met; one program, since linking is slow.

mod graphs;
mod manifold;
mod set_comparison;
mod shap;
mod statistics;
