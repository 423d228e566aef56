//! Circuits on demand, on a page.

use neuroloom_models::circuit_vae::synthesize::{ControlCurve as Found, Outcome};
use neuroloom_report::{
    Card, CircuitCode, Control, ControlCurve, ControlTarget, Header, Reference, ReportData, SideEffect,
};

use crate::experiment::circuit_vae::synthesize::{Synthesis, SynthesisConfig};

/// What the page shows.
pub(in crate::experiment::circuit_vae) fn synthesized(
    found: &Synthesis,
    config: &SynthesisConfig,
) -> ReportData {
    let control = Control {
        lead: format!(
            "{} circuits were generated for every value asked, with the types and positions of circuits that training \
             never saw, and measured afresh. A statistic that the code does not carry cannot be set by it.",
            config.count
        ),
        targets: targets(found),
        side_effects: side_effects(found),
    };
    ReportData {
        header: header(found),
        circuit_code: Some(CircuitCode { control: Some(control), ..CircuitCode::default() }),
        limits: vec![
            "Beyond the range of the data a decoder extrapolates. A percentile near 100 % says that the code lies where \
             the decoder was hardly trained."
                .to_owned(),
            "`closed-loop-tilt` may change the decoder's probabilities besides the code: what it reaches is not in the \
             code alone."
                .to_owned(),
        ],
        ..ReportData::default()
    }
}

fn header(found: &Synthesis) -> Header {
    let reference = |label: &str, value: f64| Reference { label: label.to_owned(), value };
    let of_request = found.outcome.iter().flat_map(|outcome| &outcome.targets).map(|target| Card {
        label: format!("{} achieved", target.metric),
        value: target.achieved,
        note: format!("sd over circuits {:.3}", target.sd),
        beside: vec![reference("asked", target.asked), reference("without steering", target.unsteered)],
        ..Card::default()
    });
    let of_curves = found.curves.iter().map(|curve| Card {
        label: format!("{}, {}", curve.metric, curve.controller.name()),
        value: curve.spearman,
        note: "rank correlation of asked and achieved".to_owned(),
        beside: vec![
            reference("relative error", curve.relative_error),
            reference("error (sd)", curve.mean_absolute_error_sd),
            reference("error unsteered (sd)", curve.unsteered_error_sd),
        ],
        ..Card::default()
    });
    Header {
        title: "Circuits on demand".to_owned(),
        summary: String::new(),
        command: String::new(),
        cards: of_request.chain(of_curves).collect(),
    }
}

fn targets(found: &Synthesis) -> Vec<ControlTarget> {
    let mut targets: Vec<ControlTarget> = Vec::new();
    for curve in &found.curves {
        let place = targets.iter().position(|one| one.name == curve.metric).unwrap_or_else(|| {
            let range = curve.points.iter().flat_map(|point| &point.outcome.targets).next();
            targets.push(ControlTarget {
                name: curve.metric.clone(),
                data_range: range.map_or((f64::NAN, f64::NAN), |target| target.training_range),
                ..ControlTarget::default()
            });
            targets.len() - 1
        });
        let target = &mut targets[place];
        let known = target.reachable.unwrap_or(curve.reached);
        target.reachable = Some((known.0.min(curve.reached.0), known.1.max(curve.reached.1)));
        target.curves.push(drawn(curve));
    }
    if let Some(outcome) = &found.outcome {
        targets.extend(of_request(outcome, found));
    }
    targets
}

fn drawn(curve: &Found) -> ControlCurve {
    let of = |read: fn(&Outcome) -> f64| {
        curve.points.iter().map(|point| read(&point.outcome)).collect::<Vec<f64>>()
    };
    let percentiles = of(|outcome| outcome.prior_percentile);
    ControlCurve {
        controller: curve.controller.name().to_owned(),
        asked: of(|outcome| outcome.targets[0].asked),
        achieved: of(|outcome| outcome.targets[0].achieved),
        spread: of(|outcome| outcome.targets[0].sd),
        spearman: curve.spearman,
        relative_error: curve.relative_error,
        prior_percentile: percentiles.iter().sum::<f64>() / percentiles.len().max(1) as f64,
    }
}

fn of_request(outcome: &Outcome, found: &Synthesis) -> Vec<ControlTarget> {
    let one = |target: &neuroloom_models::circuit_vae::synthesize::TargetOutcome| ControlTarget {
        name: target.metric.clone(),
        data_range: target.training_range,
        reachable: found
            .reachable
            .iter()
            .find(|(name, ..)| *name == target.metric)
            .map(|&(_, low, high)| (low, high)),
        curves: vec![ControlCurve {
            controller: outcome.controller.name().to_owned(),
            asked: vec![target.asked],
            achieved: vec![target.achieved],
            spread: vec![target.sd],
            spearman: f64::NAN,
            relative_error: target.relative_error,
            prior_percentile: outcome.prior_percentile,
        }],
    };
    outcome.targets.iter().map(one).collect()
}

/// Of the request; else those of the last point inside the data of the first curve of each statistic.
fn side_effects(found: &Synthesis) -> Vec<SideEffect> {
    let effects = |target: String, outcome: &Outcome| -> Vec<SideEffect> {
        let one = |(metric, shift): &(String, f64)| SideEffect {
            target: target.clone(),
            metric: metric.clone(),
            shift: *shift,
        };
        outcome.side_effects.iter().map(one).collect()
    };
    if let Some(outcome) = &found.outcome {
        let asked: Vec<&str> = outcome.targets.iter().map(|target| target.metric.as_str()).collect();
        return effects(asked.join(" and "), outcome);
    }
    let last = |curve: &Found| {
        let point = curve.points.iter().rev().find(|point| point.inside);
        point.map(|point| {
            effects(format!("{} up ({})", curve.metric, curve.controller.name()), &point.outcome)
        })
    };
    found.curves.iter().filter_map(last).flatten().collect()
}
