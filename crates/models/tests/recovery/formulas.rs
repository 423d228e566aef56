//! What stands beside a fit: formulas, other circuits of the same types, other wirings that explain as much.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use crate::simulated::Simulated;
use neuroloom_core::{Activity, NeuronId, Recording, Seed, Silent, Truth};
use neuroloom_models::mechanism::{
    DistillInputs, EvaluationInputs, Formulas, Mechanism, SolveConfig, SymbolicConfig, TransplantConfig,
    distill, evaluate, solve, transplant,
};

fn simulated(n_neurons: usize, n_frames: usize) -> (Truth, Activity) {
    let Simulated { truth, activity, .. } = Simulated::baseline((n_neurons, n_frames), 0.0, 1.0);
    (truth, activity)
}

fn fitted(activity: &Activity) -> Mechanism {
    let recording = Recording { activity, drift: None };
    solve(recording, &SolveConfig::default(), Seed(5), &Silent).unwrap()
}

fn formulas(truth: &Truth, activity: &Activity, mechanism: &Mechanism, threads: usize) -> Formulas {
    let config = SymbolicConfig { restarts: 2, iterations: 4, ..SymbolicConfig::default() };
    let inputs = DistillInputs { activity, truth: Some(truth), config: &config, seed: Seed(1) };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| distill(mechanism, &inputs, &Silent).unwrap())
}

#[test]
fn the_true_formulas_are_found_with_any_number_of_threads() {
    let (truth, activity) = simulated(100, 20_000);
    let mechanism = fitted(&activity);
    let found = formulas(&truth, &activity, &mechanism, 3);
    assert_eq!(found.update.len(), 4);
    for one in found.update.iter().chain(&found.transfer) {
        assert_eq!(Some(&one.text), one.truth.as_ref(), "{:#?}", one.front);
        let error = one.largest_coefficient_error.unwrap();
        assert!(error < 0.002, "{}: {} for {:?}", one.name, one.freed, one.truth);
    }
    assert_eq!(found, formulas(&truth, &activity, &mechanism, 1));
}

#[test]
fn learned_functions_run_another_circuit_but_not_with_the_types_mixed_up() {
    let (truth, activity) = simulated(100, 20_000);
    let mechanism = fitted(&activity);
    let config = TransplantConfig { filling: 0.5, proportions: vec![0.1, 0.2, 0.3, 0.4] };
    let good = transplant(&mechanism, &truth, &config, Seed(1)).unwrap().rollout;
    assert!(good.r2_at_400 > 0.99 && good.r2_at_400 > good.persistence_r2_at_400, "{good:?}");
    let mut mixed = mechanism.clone();
    let n_types = mixed.types.n_types as u32;
    mixed.types.label.iter_mut().enumerate().for_each(|(place, label)| *label = place as u32 % n_types);
    let bad = transplant(&mixed, &truth, &config, Seed(1)).unwrap().rollout;
    assert!(bad.r2_at_800 < good.r2_at_800, "{bad:?}");
    let wrong = TransplantConfig { proportions: vec![1.0], ..config };
    assert!(transplant(&mechanism, &truth, &wrong, Seed(1)).is_err());
}

#[test]
fn a_short_recording_leaves_the_wiring_more_freedom() {
    let (truth, activity) = simulated(100, 20_000);
    let short = Activity::from_frames(
        activity.values().slice(ndarray::s![0, ..600, ..]).to_owned(),
        truth.dt_s,
        NeuronId::numbered(100),
    )
    .unwrap();
    let freedom = |activity: &Activity| {
        let config = SolveConfig::default();
        let inputs = EvaluationInputs {
            recording: Recording { activity, drift: None },
            truth: Some(&truth),
            connectome: None,
            config: &config,
            seed: Seed(5),
        };
        evaluate(&fitted(activity), &inputs, &Silent).unwrap().0.degeneracy.unwrap().r2_weights
    };
    let (long, short) = (freedom(&activity), freedom(&short));
    assert!(long > 0.95 && short < long - 0.1, "{long} {short}");
}
