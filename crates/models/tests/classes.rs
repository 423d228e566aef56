//! psi that depends on the class of the sender, or of sender and receiver, is found again with its classes; an
//! external field is found with the neurons that it scales.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use ndarray::{Array2, Array3};
use neuroloom_core::{Activity, NeuronId, Recording, Seed, Silent, TransferKind as TrueKind, Truth};
use neuroloom_models::mechanism::{
    Evaluation, EvaluationInputs, Mechanism, SolveConfig, Target, TransferChoice, TransferKind, evaluate,
    solve,
};
use neuroloom_sim::{
    AssemblyConfig, DriftRecording, FrameSink, GivenArrays, Integration, ModulationConfig, ModulationSource,
    TypeSet, build_truth, simulate,
};

struct Collected(Vec<f32>, Vec<f32>);

impl FrameSink for Collected {
    fn accept(
        &mut self,
        states: &mut Array2<f32>,
        drift: Option<&mut Array2<f32>>,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.0.extend(states.iter());
        self.1.extend(drift.iter().flat_map(|drift| drift.iter()));
        Ok(())
    }
}

struct Fitted {
    mechanism: Mechanism,
    evaluation: Evaluation,
}

fn fit(config: &AssemblyConfig, given: GivenArrays, choice: &SolveConfig) -> Fitted {
    let truth: Truth = build_truth(config, given, Seed(3)).unwrap();
    let integration = Integration { drift: DriftRecording::Record, ..config.integration() };
    let mut frames = Collected(Vec::new(), Vec::new());
    simulate(&truth, &integration, Seed(3), &mut frames, &Silent).unwrap();
    let n = config.n_neurons;
    let wrap = |values: Vec<f32>| {
        let frames = Array2::from_shape_vec((values.len() / n, n), values).unwrap();
        Activity::from_frames(frames, truth.dt_s, NeuronId::numbered(n)).unwrap()
    };
    let (activity, drift) = (wrap(frames.0), wrap(frames.1));
    let recording = Recording { activity: &activity, drift: Some(&drift) };
    let mechanism = solve(recording, choice, Seed(5), &Silent).unwrap();
    let inputs =
        EvaluationInputs { recording, truth: Some(&truth), connectome: None, config: choice, seed: Seed(5) };
    let evaluation = evaluate(&mechanism, &inputs, &Silent).unwrap().0;
    Fitted { mechanism, evaluation }
}

fn assembly(transfer: TrueKind) -> AssemblyConfig {
    AssemblyConfig {
        n_neurons: 64,
        types: TypeSet::FourWidths,
        transfer,
        noise_std: 1.0,
        n_frames: 5000,
        burn_in: 200,
        ..AssemblyConfig::default()
    }
}

fn drift(transfer: TransferChoice) -> SolveConfig {
    SolveConfig { target: Target::Drift, transfer, ..SolveConfig::default() }
}

#[test]
fn classes_of_senders_are_found_unasked() {
    let Fitted { mechanism, evaluation } =
        fit(&assembly(TrueKind::Sender), GivenArrays::default(), &drift(TransferChoice::Auto));
    assert_eq!(mechanism.transfer.kind(), TransferKind::Sender, "{:?}", mechanism.fit.notes);
    let connectivity = evaluation.connectivity.unwrap();
    assert!(connectivity.r2_linear_fit.unwrap() > 0.999, "{connectivity:?}");
    assert!((connectivity.slope.unwrap() - 1.0).abs() < 0.01, "{connectivity:?}");
    let senders = evaluation.types.unwrap().senders.unwrap();
    assert_eq!((senders.n_classes, senders.accuracy), (4, Some(1.0)), "{senders:?}");
    for psi in evaluation.functions.unwrap().psi {
        let (width, known) = (psi.width.unwrap(), psi.true_width.unwrap());
        assert!((width / known - 1.0).abs() < 0.02, "{psi:?}");
    }
    let again = Mechanism::from_tensors(&mechanism.to_tensors().unwrap()).unwrap();
    assert_eq!(again.transfer, mechanism.transfer);
}

#[test]
fn one_psi_for_all_stays_one() {
    let config = AssemblyConfig { types: TypeSet::Four, ..assembly(TrueKind::Shared) };
    let fitted = fit(&config, GivenArrays::default(), &drift(TransferChoice::Auto)).mechanism;
    assert_eq!(fitted.transfer.kind(), TransferKind::Shared, "{:?}", fitted.fit.notes);
}

#[test]
fn an_external_field_is_found_with_the_neurons_that_it_scales() {
    let field = Array3::from_shape_fn((21, 6, 6), |(slice, row, column)| {
        let (t, i, j) = (slice as f32 * 0.7, row as f32, column as f32);
        1.0 + 0.4 * (0.5 * i + t).sin() * (0.4 * j).cos()
    });
    let source = ModulationSource::File;
    let config = AssemblyConfig {
        n_neurons: 72,
        types: TypeSet::Four,
        n_frames: 6000,
        modulation: ModulationConfig { source, ..ModulationConfig::default() },
        ..assembly(TrueKind::Shared)
    };
    let choice = SolveConfig { modulation_windows: 20, ..drift(TransferChoice::Shared) };
    let given = GivenArrays { field: Some(field), ..GivenArrays::default() };
    let evaluation = fit(&config, given, &choice).evaluation;
    let scores = evaluation.modulation.unwrap();
    assert_eq!(scores.detection_accuracy, 1.0, "{scores:?}");
    // The scale of each row is only known to 1.6 / sqrt(N) = 0.19: shapes are exact, sizes are not.
    assert!(
        scores.r2_within_neuron > 0.999 && scores.r2_within_neuron > scores.constant_r2_identity,
        "{scores:?}"
    );
}
