//! Published numbers of the presets, to be printed beside ours.
//!
//! Allier, Heinrich, Schneider, Saalfeld 2026, arXiv 2602.13325: paper text where it gives a number, else the
//! panels released with its code.

use neuroloom_models::mechanism::UpdateChoice;
use neuroloom_sim::Preset;

use super::ExperimentConfig;

/// Where the numbers come from.
pub(crate) const SOURCE: &str = "Allier et al. 2026";

/// Published scores of one experiment.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct PublishedScores {
    /// R2 of the linear fit of the wiring.
    pub(crate) r2_linear_fit: Option<f64>,
    /// Its slope.
    pub(crate) slope: Option<f64>,
    /// Accuracy of the types.
    pub(crate) accuracy: Option<f64>,
    /// Rollout R2 after 400 frames.
    pub(crate) r2_at_400: Option<f64>,
    /// Rollout R2 after 800 frames.
    pub(crate) r2_at_800: Option<f64>,
    /// R2 of the external field.
    pub(crate) modulation: Option<f64>,
    /// Share of the formulas that have the true form.
    pub(crate) right_forms: Option<f64>,
    /// Largest relative error of a coefficient of a formula.
    pub(crate) coefficient_error: Option<f64>,
}

/// Published formulas of one experiment, found by the true formula that they are meant to be.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct PublishedFormulas(&'static [(&'static str, &'static str)]);

impl PublishedFormulas {
    /// What was published for a function whose true formula is this.
    pub(crate) fn of(&self, truth: &str) -> Option<&'static str> {
        // psi is known up to its scale: `1.0136 tanh(0.125 x)` was published as tanh of something.
        let unscaled =
            truth.trim_start_matches(|letter: char| letter.is_ascii_digit() || ". ".contains(letter));
        let form = if unscaled.starts_with("tanh") { unscaled } else { truth };
        self.0.iter().find(|(known, _)| *known == form).map(|(_, published)| *published)
    }
}

/// Formulas of tables 3 to 5; psi up to its scale.
pub(crate) fn formulas(preset: Option<Preset>) -> PublishedFormulas {
    PublishedFormulas(match preset {
        Some(Preset::Baseline) => &[
            ("-x + tanh(x)", "-0.998 x + tanh(x) - 0.0016"),
            ("-x + 2 tanh(x)", "-0.998 x + 1.996 tanh(x)"),
            ("-2 x + tanh(x)", "-1.994 x + tanh(x)"),
            ("-2 x + 2 tanh(x)", "-1.996 x + 1.997 tanh(x)"),
            ("tanh(x)", "tanh(x)"),
        ],
        Some(Preset::Transmitters) => &[
            ("-x + tanh(x)", "-0.999 x + tanh(x)"),
            ("-x + 2 tanh(x)", "-0.999 x + 1.992 tanh(x)"),
            ("-2 x + tanh(x)", "-1.994 x + tanh(x)"),
            ("-2 x + 2 tanh(x)", "-1.984 x + 1.991 tanh(x)"),
            ("tanh(x)", "tanh(x)"),
            ("tanh(0.5 x)", "tanh(0.489 x)"),
            ("tanh(0.25 x)", "tanh(0.247 x)"),
            ("tanh(0.125 x)", "tanh(0.128 x)"),
        ],
        Some(Preset::Receptors) => &[
            ("-x + tanh(x)", "-0.999 x + tanh(x)"),
            ("-x + 2 tanh(x)", "-0.993 x + 1.999 tanh(x)"),
            ("-2 x + tanh(x)", "-1.992 x + tanh(x)"),
            ("-2 x + 2 tanh(x)", "-1.974 x + 1.989 tanh(x)"),
        ],
        _ => &[],
    })
}

/// What was published for a preset fitted on about `n_frames` frames.
pub(crate) fn scores(preset: Preset, n_frames: usize) -> PublishedScores {
    let wiring = |r2: f64, slope: f64| PublishedScores {
        r2_linear_fit: Some(r2),
        slope: Some(slope),
        ..PublishedScores::default()
    };
    match preset {
        // Supplementary figure 7: the same experiment on fewer frames.
        Preset::Baseline if near(n_frames, 10_000) => wiring(0.45, -0.05),
        Preset::Baseline if near(n_frames, 20_000) => wiring(0.936, 0.64),
        Preset::Baseline if near(n_frames, 30_000) => wiring(0.998, 0.94),
        Preset::Baseline if near(n_frames, 40_000) => wiring(1.0, 0.98),
        Preset::Baseline if near(n_frames, 50_000) => wiring(1.0, 0.99),
        Preset::Baseline if near(n_frames, 100_000) => PublishedScores {
            accuracy: Some(1.0),
            r2_at_400: Some(0.94),
            r2_at_800: Some(0.36),
            right_forms: Some(1.0),
            // -1.994 x for -2 x is off by 0.3 %, -1.996 and 1.996 by 0.2 %, -0.998 by 0.2 %.
            coefficient_error: Some(0.003),
            ..wiring(1.00, 0.99)
        },
        Preset::ExternalInput if near(n_frames, 50_000) || near(n_frames, 100_000) => {
            PublishedScores { modulation: Some(0.99), ..wiring(0.99, 0.94) }
        }
        _ if !near(n_frames, 100_000) => PublishedScores::default(),
        Preset::Sparse => wiring(1.0, 0.99),
        Preset::Noise => wiring(1.0, 1.0),
        Preset::Large => wiring(1.00, 1.00),
        Preset::ManyTypes => PublishedScores { accuracy: Some(0.99), ..wiring(1.0, 1.0) },
        Preset::Transmitters => wiring(0.99, 0.99),
        Preset::Receptors => wiring(0.99, 1.03),
        _ => PublishedScores::default(),
    }
}

/// Simulations store one frame more than they take steps.
fn near(n_frames: usize, published: usize) -> bool {
    n_frames.abs_diff(published) <= 1
}

/// What was published for an experiment as it is written in its file.
pub(crate) fn of_experiment(config: &ExperimentConfig) -> PublishedScores {
    let Some(simulate) = &config.simulate else { return PublishedScores::default() };
    let n_frames = simulate.assembly().n_frames;
    if config.infer.update == UpdateChoice::Shared && config.train.is_none() {
        return simulate.published().map(|preset| one_type(preset, n_frames)).unwrap_or_default();
    }
    simulate.published().map(|preset| scores(preset, n_frames)).unwrap_or_default()
}

/// What was published for a preset fitted as if all neurons were of one type: the baseline, supplementary figures 3
/// and 4 (wiring from the paper's text, rollout from the released panels).
pub(crate) fn one_type(preset: Preset, n_frames: usize) -> PublishedScores {
    if preset != Preset::Baseline || !near(n_frames, 100_000) {
        return PublishedScores::default();
    }
    PublishedScores {
        r2_linear_fit: Some(0.92),
        slope: Some(0.93),
        r2_at_400: Some(0.913),
        r2_at_800: Some(0.296),
        ..PublishedScores::default()
    }
}

/// Rollout R2 at 400 and 800 frames of the published transplants (supplementary figures 5 and 6, paper text).
pub(crate) fn transplant(filling: f64) -> (Option<f64>, Option<f64>) {
    if filling == 0.25 {
        (Some(1.0), Some(0.996))
    } else if filling == 0.5 {
        (Some(1.0), Some(0.975))
    } else {
        (None, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_belong_to_their_number_of_frames() {
        assert_eq!(scores(Preset::Baseline, 100_001).r2_at_800, Some(0.36));
        assert_eq!(scores(Preset::Baseline, 10_000).r2_linear_fit, Some(0.45));
        assert_eq!(scores(Preset::Baseline, 5_000), PublishedScores::default());
        assert_eq!(scores(Preset::Sparse, 20_000), PublishedScores::default());
    }
}
