//! A known circuit is simulated and found again: above a bar, above its baselines, the same for any number of
//! threads and any order of the neurons.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use crate::simulated::Simulated;
use ndarray::{Array2, Axis};
use neuroloom_core::{
    Activity, Error as CoreError, Event, FrameSource, Listener, NeuronId, Recording, Seed, Silent,
};
use neuroloom_models::Error;
use neuroloom_models::mechanism::{EvaluationInputs, SolveConfig, Target, evaluate, solve};

#[test]
fn wiring_types_and_functions_are_recovered_above_the_baselines() {
    let simulated = Simulated::baseline((100, 6000), 1.0, 1.0);
    let evaluation = simulated.evaluate(&simulated.solve(Target::Drift));
    let connectivity = evaluation.connectivity.unwrap();
    assert!(connectivity.r2_linear_fit.unwrap() > 0.9999, "{connectivity:?}");
    assert!((connectivity.slope.unwrap() - 1.0).abs() < 0.005, "{connectivity:?}");
    let types = evaluation.types.unwrap();
    assert_eq!((types.n_types, types.accuracy), (4, Some(1.0)), "{types:?}");
    let functions = evaluation.functions.unwrap();
    assert!(functions.phi_rmse_relative < 0.01 && functions.psi_rmse < 0.02, "{functions:?}");
    let rollout = evaluation.rollout.unwrap();
    assert!(rollout.r2_at_400 > 0.99 && rollout.r2_at_400 > rollout.persistence_r2_at_400, "{rollout:?}");
    for baseline in evaluation.baselines.unwrap().connectivity {
        assert!(baseline.r2_linear_fit.unwrap_or(0.0) < 0.5, "{baseline:?}");
    }
}

#[test]
fn absent_edges_are_told_from_present_ones() {
    let simulated = Simulated::baseline((100, 6000), 1.0, 0.2);
    let connectivity = simulated.evaluate(&simulated.solve(Target::Drift)).connectivity.unwrap();
    assert!(connectivity.auroc.unwrap() > 0.98, "{connectivity:?}");
    assert!(connectivity.prevalence.unwrap() < 0.25);
}

#[test]
fn standard_errors_hold_what_they_promise_under_process_noise() {
    let simulated = Simulated::baseline((60, 12_000), 1.0, 1.0);
    let coverage = |target: Target| {
        simulated.evaluate(&simulated.solve(target)).connectivity.unwrap().coverage_90.unwrap()
    };
    let of_difference = coverage(Target::Difference);
    assert!((0.85..=0.95).contains(&of_difference), "{of_difference}");
    // The weak form is for measurement noise. Noise that drives the system enters the states of the same
    // window (Ito against Stratonovich), which biases it a little: its intervals promise too much here.
    let of_weak = coverage(Target::Weak);
    assert!((0.7..=0.95).contains(&of_weak), "{of_weak}");
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let simulated = Simulated::baseline((70, 3000), 1.0, 1.0);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| simulated.solve(Target::Difference))
    };
    let (one, two, three) = (with(1), with(2), with(3));
    assert_eq!(one.to_tensors().unwrap(), two.to_tensors().unwrap());
    assert_eq!(one.to_tensors().unwrap(), three.to_tensors().unwrap());
}

#[test]
fn relabelling_neurons_permutes_the_wiring() {
    let simulated = Simulated::baseline((40, 4000), 1.0, 1.0);
    let order: Vec<usize> = (0..40).map(|neuron| (neuron * 7 + 3) % 40).collect();
    let permute = |activity: &Activity| activity.select_neurons(&order).unwrap();
    let (activity, drift) = (permute(&simulated.activity), permute(&simulated.drift));
    let config = SolveConfig { target: Target::Drift, ..SolveConfig::default() };
    let recording = Recording { activity: &activity, drift: Some(&drift) };
    let permuted = solve(recording, &config, Seed(5), &Silent).unwrap().weight_matrix;
    let direct = simulated.solve(Target::Drift).weight_matrix;
    let direct = direct.select(Axis(0), &order).select(Axis(1), &order);
    let largest = direct.iter().fold(0.0_f64, |largest, weight| largest.max(weight.abs()));
    let difference = (&permuted - &direct).iter().fold(0.0_f64, |largest, one| largest.max(one.abs()));
    assert!(difference < 1e-3 * largest, "{difference} of {largest}");
}

#[test]
fn constant_and_missing_neurons_are_left_out_with_a_warning() {
    let simulated = Simulated::baseline((40, 3000), 1.0, 1.0);
    let mut values = simulated.activity.values().clone();
    values.index_axis_mut(Axis(2), 4).fill(1.5);
    values.index_axis_mut(Axis(2), 9).fill(f32::NAN);
    values[[0, 17, 20]] = f32::NAN;
    let activity = Activity::new(values, 0.01, NeuronId::numbered(40)).unwrap();
    let heard = Heard::default();
    let recording = Recording { activity: &activity, drift: None };
    let fit = solve(recording, &SolveConfig::default(), Seed(5), &heard).unwrap();
    assert_eq!(fit.identifiability.excluded, vec![4, 9]);
    assert!(fit.weight_matrix.iter().all(|weight| weight.is_finite()));
    assert!(fit.standard_error[[0, 4]].is_infinite());
    let codes = heard.0.into_inner().unwrap();
    assert!(codes.contains(&"excluded-neurons".to_owned()) && codes.contains(&"missing-samples".to_owned()));
}

#[test]
fn what_cannot_be_answered_is_refused() {
    let tiny = |n_frames: usize, value: f32| {
        let frames =
            Array2::from_shape_fn((n_frames, 3), |(time, neuron)| value * (time * (neuron + 1)) as f32);
        Activity::from_frames(frames, 0.1, NeuronId::numbered(3)).unwrap()
    };
    let fit = |activity: &Activity, target: Target| {
        let config = SolveConfig { target, ..SolveConfig::default() };
        solve(Recording { activity, drift: None }, &config, Seed(1), &Silent)
    };
    assert!(matches!(fit(&tiny(2, 1.0), Target::Difference), Err(Error::Recording { .. })));
    assert!(matches!(fit(&tiny(100, 0.0), Target::Difference), Err(Error::Recording { .. })));
    assert!(matches!(fit(&tiny(100, 1.0), Target::Drift), Err(Error::Recording { .. })));
    let simulated = Simulated::baseline((40, 1500), 1.0, 1.0);
    let other = Simulated::baseline((30, 50), 1.0, 1.0);
    let mechanism = simulated.solve(Target::Drift);
    let inputs = EvaluationInputs {
        recording: simulated.recording(),
        truth: Some(&other.truth),
        connectome: None,
        config: &SolveConfig::default(),
        seed: Seed(1),
    };
    assert!(matches!(
        evaluate(&mechanism, &inputs, &Silent),
        Err(Error::Mismatch { given: 30, expected: 40, .. })
    ));
}

#[test]
fn a_source_that_fails_is_reported() {
    struct Broken(Activity);
    impl FrameSource for Broken {
        fn shape(&self) -> neuroloom_core::FrameShape {
            self.0.shape()
        }
        fn dt_s(&self) -> f64 {
            self.0.dt_s()
        }
        fn neuron_ids(&self) -> &[NeuronId] {
            self.0.neuron_ids()
        }
        fn read_frames(
            &self,
            _trial: usize,
            _frames: std::ops::Range<usize>,
            _out: ndarray::ArrayViewMut2<f32>,
        ) -> Result<(), CoreError> {
            Err(CoreError::Source("the disk is gone".into()))
        }
    }
    let broken = Broken(Simulated::baseline((5, 30), 1.0, 1.0).activity);
    let result =
        solve(Recording { activity: &broken, drift: None }, &SolveConfig::default(), Seed(1), &Silent);
    assert!(matches!(result, Err(Error::Core(CoreError::Source(_)))));
}

#[derive(Default)]
struct Heard(std::sync::Mutex<Vec<String>>);

impl Listener for Heard {
    fn emit(&self, event: Event) {
        if let Event::Warning(warning) = event {
            self.0.lock().unwrap().push(warning.code);
        }
    }
}
