//! What the numbers of a report do not show.

use neuroloom_models::mechanism::Evaluation;

/// One paragraph a limit, those that concern this run.
pub(crate) fn limits(evaluation: &Evaluation) -> Vec<String> {
    let mut limits = vec![
        rollout_limit(evaluation),
        "One run with one seed says nothing about the spread between runs. Repeat it with other seeds (`--seed`) and \
         put them side by side with `neuroloom compare`; edges and formulas that change with the seed are not found."
            .to_owned(),
        "Standard errors assume that the residuals are white and that the model form (a shared transfer function, \
         additive input) is right. They do not cover a wrong model, unrecorded neurons or common input."
            .to_owned(),
        "The outgoing weights of weak senders (small range, saturated, or explained by other neurons) are not \
         identifiable from this recording; do not read them."
            .to_owned(),
        "A neuron's effect on itself cannot be told from its update function phi: W_ii is fixed to 0 and belongs \
         to phi. psi has maximum 1; W carries the scale, in activity per second."
            .to_owned(),
    ];
    let against_connectome = evaluation
        .connectivity
        .as_ref()
        .is_some_and(|scores| scores.auroc.is_some() && scores.r2_linear_fit.is_none());
    if against_connectome {
        limits.push(
            "Agreement with an anatomical connectome measures agreement, not truth: anatomy counts synapses, W \
             measures effects, including those of unrecorded neurons and of extrasynaptic signals."
                .to_owned(),
        );
    }
    limits
}

/// What a good rollout does not prove, with the numbers of this run.
fn rollout_limit(evaluation: &Evaluation) -> String {
    let known = "A good forecast or rollout does not prove the wiring: different W can produce nearly the same activity \
                 where the activity is slow or low-dimensional.";
    let Some(other) = &evaluation.degeneracy else {
        return format!("{known} Look at the standard errors and the singular values.");
    };
    let reading = match (other.r2_weights > 0.9, other.rollout_r2_at_400 > 0.9) {
        (true, _) => "this recording leaves W little freedom",
        (false, true) => "neither forecast nor rollout can tell the two apart",
        (false, false) => {
            "on the recorded states both explain the same; only a free run that leaves them tells them apart"
        }
    };
    format!(
        "{known} Tried here: another W, changed only along the {} directions in which psi(X) varies least, so that no \
         neuron's input on the recorded states changes by more than {:.0} % (rms). Its R2 with the learned W is {:.3}, \
         and the free runs of both agree with R2 {:.3} after 400 frames and {:.3} after 800: {reading}.",
        other.n_directions,
        100.0 * other.input_change,
        other.r2_weights,
        other.rollout_r2_at_400,
        other.rollout_r2_at_800,
    )
}
