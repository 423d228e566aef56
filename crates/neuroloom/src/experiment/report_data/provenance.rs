//! How to make the run again.

use neuroloom_models::mechanism::Evaluation;
use neuroloom_report::{Detail, InputFile, Provenance};

use super::super::Provenance as Made;

/// What the solver chose.
pub(super) fn of_fit(evaluation: &Evaluation) -> Provenance {
    Provenance { details: details(evaluation), ..Provenance::default() }
}

/// The same with what the run folder knows.
pub(super) fn complete(of_fit: Provenance, made: &Made, config_toml: String) -> Provenance {
    let input = |file: &super::super::InputFile| InputFile {
        path: format!("{} ({})", file.path.display(), file.role),
        sha256: file.sha256.clone(),
        n_bytes: file.n_bytes,
    };
    Provenance {
        version: format!("neuroloom {}", made.version),
        seed: Some(made.seed),
        created: made.started.clone(),
        command: made.command.clone(),
        config_toml,
        inputs: made.inputs.iter().map(input).collect(),
        details: of_fit.details,
    }
}

fn details(evaluation: &Evaluation) -> Vec<Detail> {
    let Some(solver) = &evaluation.solver else { return Vec::new() };
    let fit = &solver.fit;
    let mut details = vec![
        detail("target", format!("{:?}", fit.target).to_lowercase()),
        detail("equations used", format!("{} of {}", fit.n_equations, fit.n_available)),
        detail("ridge on W", format!("{:.3e}", fit.ridge)),
        detail("residual fraction", format!("{:.3e}", fit.residual_fraction)),
        detail("condition number of psi(X)", format!("{:.3e}", solver.condition_number)),
        detail("neurons left out", solver.n_excluded.to_string()),
    ];
    details.extend(fit.notes.iter().map(|note| detail("choice", note.clone())));
    details
}

fn detail(name: &str, value: String) -> Detail {
    Detail { name: name.to_owned(), value }
}
