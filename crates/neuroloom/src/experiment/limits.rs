//! What the numbers of a report do not show.

use neuroloom_models::mechanism::Evaluation;

/// One paragraph a limit, those that concern this run.
pub(crate) fn limits(evaluation: &Evaluation) -> Vec<String> {
    let mut limits = vec![
        "A good forecast or rollout does not prove the wiring: different W can produce nearly the same activity \
         where the activity is slow or low-dimensional. Look at the standard errors and the singular values."
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
