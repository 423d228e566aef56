//! psi that depends on the class of the sender is found again with its classes, and only where there are classes.

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
