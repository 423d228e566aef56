//! psi that depends on the class of the sender is found again with its classes, and only where there are classes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use crate::simulated::Simulated;
use neuroloom_core::{Seed, Silent, TransferKind as TrueKind};
use neuroloom_models::mechanism::{
    Evaluation, EvaluationInputs, Mechanism, SolveConfig, Target, TransferChoice, TransferKind, evaluate,
    solve,
};
use neuroloom_sim::{AssemblyConfig, TypeSet};

struct Fitted {
    mechanism: Mechanism,
    evaluation: Evaluation,
}

fn fit(config: &AssemblyConfig) -> Fitted {
    let simulated = Simulated::new(config);
    let choice =
        SolveConfig { target: Target::Drift, transfer: TransferChoice::Auto, ..SolveConfig::default() };
    let recording = simulated.recording();
    let mechanism = solve(recording, &choice, Seed(5), &Silent).unwrap();
    let truth = Some(&simulated.truth);
    let inputs = EvaluationInputs { recording, truth, connectome: None, config: &choice, seed: Seed(5) };
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

#[test]
fn classes_of_senders_are_found_unasked() {
    let Fitted { mechanism, evaluation } = fit(&assembly(TrueKind::Sender));
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
    let fitted = fit(&config).mechanism;
    assert_eq!(fitted.transfer.kind(), TransferKind::Shared, "{:?}", fitted.fit.notes);
}

/// One psi for all leaves 0.5 % of the time it was fitted on and half of the time held out: it is wrong, and there
/// is no noise.
#[test]
fn a_wrong_psi_does_not_pass_for_noise() {
    let config = AssemblyConfig {
        n_neurons: 120,
        noise_std: 0.0,
        n_frames: 8000,
        burn_in: 1000,
        ..assembly(TrueKind::Sender)
    };
    let Fitted { mechanism, evaluation } = fit(&config);
    assert_eq!(mechanism.transfer.kind(), TransferKind::Sender, "{:?}", mechanism.fit.notes);
    let connectivity = evaluation.connectivity.unwrap();
    assert!(connectivity.r2_linear_fit.unwrap() > 0.999, "{connectivity:?}");
}
