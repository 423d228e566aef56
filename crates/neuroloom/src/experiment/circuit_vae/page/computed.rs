//! What circuits compute, on a page.

use neuroloom_report::{
    Header, ReportData, ReservoirPrediction, ReservoirResults, ReservoirScore, ReservoirTask,
};

use crate::experiment::circuit_vae::reservoir::{ReservoirFound, ReservoirSettings, ScoreRow};

/// Range of the R² from the code that the follow-up study reports (arXiv 2609.06093): other circuits, other scores.
const PUBLISHED: (f64, f64) = (0.46, 0.87);

/// Puts the scores on the page.
pub(in crate::experiment::circuit_vae) fn computed(
    data: &mut ReportData,
    found: &ReservoirFound,
    settings: &ReservoirSettings,
) {
    if data.header.title.is_empty() {
        data.header = header(found);
    }
    let config = &settings.reservoir;
    data.circuit_code.get_or_insert_default().reservoir = Some(ReservoirResults {
        lead: format!(
            "Every circuit was scaled to spectral radius {} and driven through random input weights, {} draws each; a \
             linear readout was fitted to {} steps and scored on {} others.",
            config.spectral_radius, config.n_seeds, config.train, config.test
        ),
        tasks: found.scores.iter().map(|score| task(score, found)).collect(),
        predictions: found.structure.iter().flatten().map(prediction).collect(),
    });
}

fn header(found: &ReservoirFound) -> Header {
    Header {
        title: "What circuits compute".to_owned(),
        summary: format!("{} circuits as reservoirs, beside their controls.", found.n_circuits),
        ..Header::default()
    }
}

fn task(score: &str, found: &ReservoirFound) -> ReservoirTask {
    let of_score: Vec<_> = found.controls.iter().filter(|row| row.score == score).collect();
    let circuits = of_score.first().map(|row| ReservoirScore {
        name: "circuits".to_owned(),
        mean: row.circuits.0,
        interval: None,
    });
    // The interval is that of the difference, laid around the control: circuits outside of it differ.
    let controls = of_score.iter().map(|row| ReservoirScore {
        name: row.control.name().to_owned(),
        mean: row.controls.0,
        interval: row.interval.map(|(low, high)| (row.circuits.0 - high, row.circuits.0 - low)),
    });
    ReservoirTask {
        name: score.to_owned(),
        direction: direction(score).to_owned(),
        scores: circuits.into_iter().chain(controls).collect(),
    }
}

fn direction(score: &str) -> &'static str {
    match score {
        "memory_capacity" => "numbers remembered, higher is better",
        "lyapunov" => "growth of a disturbance, below 0 is stable",
        name if name.contains("nrmse") => "NRMSE, lower is better, 1 is chance",
        name if name.contains("accuracy") => "accuracy, higher is better, chance 0.5",
        _ => "higher is more",
    }
}

fn prediction(row: &ScoreRow) -> ReservoirPrediction {
    ReservoirPrediction {
        task: row.score.clone(),
        r2_code: row.r2_code,
        r2_metrics: row.r2_metrics,
        r2_size: row.r2_size,
        published: Some(PUBLISHED),
    }
}
