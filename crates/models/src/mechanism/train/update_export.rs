//! phi of each neuron as a spline on its own range and a share of psi.

use ndarray::Array2;
use neuroloom_analysis::least_squares::solve_small;
use neuroloom_analysis::spline::CubicBasis;
use rayon::prelude::*;

use super::run::Run;
use super::state::State;
use super::transfer_export::Exported;
use crate::Error;
use crate::mechanism::solve::survey::Survey;

/// Samples between two knots.
const SAMPLES: usize = 8;

/// phi of the neurons that take part.
pub(super) struct Update {
    pub(super) n_knots: usize,
    /// `[neuron, basis function]`.
    pub(super) coefficients: Array2<f64>,
    pub(super) self_coupling: Vec<f64>,
}

/// Fits B_i(x) d_i + s_i psi_ii(x) to the network on each neuron's range.
pub(super) fn functions(
    run: &Run<'_>,
    state: &State,
    (exported, survey): (&Exported, &Survey),
    n_knots: usize,
) -> Result<Update, Error> {
    let n = run.model.n;
    let n_points = SAMPLES * (n_knots - 1) + 1;
    let at = |neuron: usize, k: usize| {
        survey.lower[neuron]
            + (survey.upper[neuron] - survey.lower[neuron]) * k as f64 / (n_points - 1) as f64
    };
    let x: Vec<f32> = (0..n_points)
        .flat_map(|k| (0..n).map(move |neuron| (neuron, k)))
        .map(|(neuron, k)| (at(neuron, k) / run.units.activity) as f32)
        .collect();
    let inputs = run.model.update_inputs(&state.parameters.embedding, &x);
    let mut values = vec![0.0; x.len()];
    run.model.update.forward(&state.parameters.update, &inputs, &mut values)?;
    let one = |neuron: usize| -> Result<Vec<f64>, Error> {
        let basis = CubicBasis::uniform(survey.lower[neuron], survey.upper[neuron], n_knots)?;
        let value =
            |k: usize| f64::from(values[k * n + neuron]) * run.units.drift + exported.constants[neuron];
        let points: Vec<(f64, f64)> = (0..n_points).map(|k| (at(neuron, k), value(k))).collect();
        fit(&basis, exported, neuron, &points)
    };
    let rows: Vec<Vec<f64>> = (0..n).into_par_iter().map(one).collect::<Result<_, _>>()?;
    let functions = n_knots + 2;
    Ok(Update {
        n_knots,
        coefficients: Array2::from_shape_fn((n, functions), |(neuron, m)| rows[neuron][m]),
        self_coupling: rows.iter().map(|row| row[functions]).collect(),
    })
}

/// Least squares; a touch of ridge keeps psi and the spline apart where psi is nearly straight.
fn fit(
    basis: &CubicBasis,
    exported: &Exported,
    neuron: usize,
    points: &[(f64, f64)],
) -> Result<Vec<f64>, Error> {
    let n = basis.n_functions() + 1;
    let own = exported.own(neuron);
    let mut normal = vec![0.0; n * n];
    let mut right = vec![0.0; n];
    for &(x, y) in points {
        let local = basis.local(x);
        let mut row = [(0, 0.0); 5];
        for (m, value) in local.values.iter().enumerate() {
            row[m] = (local.first + m, *value);
        }
        row[4] = (n - 1, own.value(x));
        for &(a, left) in &row {
            right[a] += left * y;
            row.iter().for_each(|&(b, other)| normal[a * n + b] += left * other);
        }
    }
    let trace: f64 = (0..n).map(|m| normal[m * n + m]).sum();
    (0..n).for_each(|m| normal[m * n + m] += 1e-9 * trace);
    solve_small(normal, right).ok_or(Error::Singular { stage: "update functions" })
}
