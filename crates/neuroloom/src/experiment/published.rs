//! Published numbers of the presets, to be printed beside ours.
//!
//! Allier, Heinrich, Schneider, Saalfeld 2026, arXiv 2602.13325: paper text where it gives a number, else the
//! panels released with its code.

use neuroloom_sim::Preset;

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
            ..wiring(1.00, 0.99)
        },
        Preset::ExternalInput if near(n_frames, 50_000) || near(n_frames, 100_000) => wiring(0.99, 0.94),
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
