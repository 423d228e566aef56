//! An external field that scales the recurrent sum of half the neurons is found with the wiring; places of the
//! neurons say how the two share their scale.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod simulated;

use neuroloom_core::{Seed, Silent};
use neuroloom_models::mechanism::{
    Evaluation, EvaluationInputs, SolveConfig, SolveInputs, Target, TransferChoice, evaluate, solve,
};
use neuroloom_sim::{AssemblyConfig, GeneratedField, ModulationConfig, ModulationSource};
use simulated::Simulated;

#[test]
fn a_field_is_found_and_places_tell_its_scale() {
    let field = GeneratedField {
        grid_side: 7,
        n_slices: 33,
        correlation_pixels: 4.0,
        correlation_slices: 8.0,
        ..GeneratedField::default()
    };
    let modulation =
        ModulationConfig { source: ModulationSource::Generated(field), ..ModulationConfig::default() };
    let simulated = Simulated::new(&AssemblyConfig {
        n_neurons: 98,
        n_frames: 6000,
        noise_std: 1.0,
        burn_in: 100,
        modulation,
        ..AssemblyConfig::default()
    });
    let positions = simulated.truth.modulation.as_ref().unwrap().positions.clone().unwrap().mapv(f64::from);
    let config = SolveConfig {
        target: Target::Drift,
        transfer: TransferChoice::Shared,
        modulation_windows: 32,
        ..SolveConfig::default()
    };
    let fit = |positions: Option<&ndarray::Array2<f64>>| -> Evaluation {
        let recording = simulated.recording();
        let mechanism =
            solve(SolveInputs { positions, ..recording.into() }, &config, Seed(5), &Silent).unwrap();
        let truth = Some(&simulated.truth);
        let inputs = EvaluationInputs { recording, truth, connectome: None, config: &config, seed: Seed(5) };
        evaluate(&mechanism, &inputs, &Silent).unwrap().0
    };
    let (placed, alone) = (fit(Some(&positions)), fit(None));
    let (placed_field, alone_field) = (placed.modulation.unwrap(), alone.modulation.unwrap());
    assert!(placed_field.detection_accuracy > 0.96, "{placed_field:?}");
    assert!(placed_field.r2_within_neuron > 0.99, "{placed_field:?}");
    assert!(
        1.0 - placed_field.r2_linear_fit < 0.5 * (1.0 - alone_field.r2_linear_fit),
        "{placed_field:?} {alone_field:?}"
    );
    let (placed, alone) = (placed.connectivity.unwrap(), alone.connectivity.unwrap());
    assert!(placed.r2_linear_fit.unwrap() > 0.98, "{placed:?}");
    assert!(placed.r2_linear_fit > alone.r2_linear_fit, "{placed:?} {alone:?}");
}
