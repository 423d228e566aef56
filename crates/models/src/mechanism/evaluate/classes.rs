//! Classes of senders and receivers against those that shape the true psi.

use neuroloom_analysis::metrics::clustering::matched_accuracy;
use neuroloom_core::{AssemblyType, TransferKind, Truth};

use super::{ClassScores, TypeScores};
use crate::Error;
use crate::mechanism::Mechanism;

/// Fills in the classes of senders and receivers, where psi depends on them or should.
pub(super) fn score(
    mechanism: &Mechanism,
    truth: &Truth,
    kept: &[usize],
    scores: &mut TypeScores,
) -> Result<(), Error> {
    let transfer = &mechanism.transfer;
    let by_sender: fn(&AssemblyType) -> [f64; 2] = match truth.transfer {
        TransferKind::Shared => |_| [0.0, 0.0],
        TransferKind::Sender | TransferKind::Receiver => |one| [one.width, one.threshold],
    };
    let by_receiver: fn(&AssemblyType) -> [f64; 2] = match truth.transfer {
        TransferKind::Receiver => |one| [one.width, 0.0],
        TransferKind::Shared | TransferKind::Sender => |_| [0.0, 0.0],
    };
    let one = |found: &[u32], key: fn(&AssemblyType) -> [f64; 2]| -> Result<Option<ClassScores>, Error> {
        let known = true_classes(truth, key);
        let known: Vec<usize> = kept.iter().map(|&one| known[truth.cell_type[one] as usize]).collect();
        let found: Vec<usize> = kept.iter().map(|&one| found[one] as usize).collect();
        let (n_true, n_classes) = (distinct(&known), distinct(&found));
        if n_true < 2 && n_classes < 2 {
            return Ok(None);
        }
        let largest = |label: usize| known.iter().filter(|&&one| one == label).count();
        let most = known.iter().map(|&label| largest(label)).max().unwrap_or(0);
        Ok(Some(ClassScores {
            accuracy: Some(matched_accuracy(&known, &found)?),
            chance: Some(most as f64 / known.len().max(1) as f64),
            n_classes,
            n_true: Some(n_true),
        }))
    };
    scores.senders = one(&transfer.sender_class, by_sender)?;
    scores.receivers = one(&transfer.receiver_class, by_receiver)?;
    Ok(())
}

/// Types that shape psi alike are one class.
fn true_classes(truth: &Truth, key: fn(&AssemblyType) -> [f64; 2]) -> Vec<usize> {
    let keys: Vec<[f64; 2]> = truth.types.iter().map(key).collect();
    keys.iter().map(|one| keys.iter().position(|other| other == one).unwrap_or(0)).collect()
}

fn distinct(labels: &[usize]) -> usize {
    labels.iter().collect::<std::collections::BTreeSet<_>>().len()
}
