//! `neuroloom synthesize`.

use neuroloom_io::ExportFormat;
use neuroloom_models::circuit_vae::synthesize::{ControlCurve, Outcome, TARGETS};

use super::Session;
use super::code_args::SynthesizeArgs;
use super::console::Format;
use super::render::{TextTable, facts, score};
use crate::Error;
use crate::error::system;
use crate::experiment::circuit_vae::{Synthesis, SynthesisConfig, TrainedCode, synthesize as run_synthesize};
use crate::experiment::{Artefact, ExperimentConfig, InputFile, Provenance, RunDir, RunRecord, stages};

pub(super) fn synthesize(session: &Session, args: &SynthesizeArgs) -> Result<(), Error> {
    if let (Some(format), true) = (&args.format, args.set.is_empty()) {
        let allowed = "only with --set: curves keep no circuits".to_owned();
        return Err(Error::Setting { key: "format", given: format.clone(), allowed });
    }
    let code = TrainedCode::open(&args.folder)?;
    let config = config(session, args);
    let run = RunDir::create(&args.out)?;
    let text_of_config = toml::to_string_pretty(&config).map_err(|error| Error::Setting {
        key: "config",
        given: error.to_string(),
        allowed: "numbers that TOML can hold".to_owned(),
    })?;
    run.write_text(Artefact::Config, &text_of_config)?;
    let mut provenance = Provenance::new(&session.command, config.seed);
    provenance.inputs = vec![InputFile::read("model", &code.run.path(Artefact::Model))?];
    run.write_json(Artefact::Provenance, &provenance)?;
    let record = RunRecord::open(&run, &session.progress)?;
    let found =
        run_synthesize(&code, &config, &run, &record).map_err(|error| error.in_stage("synthesize"))?;
    if let Some(format) = &args.format {
        export(&found, format, &run)?;
    }
    let page = stages::report(&run, &session.progress)?;
    if session.console.format == Format::Json {
        session.console.result(&format!("{:#}", serde_json::json!(found)));
    } else {
        session.console.summary(&format!("{}\n\nreport  {}", text(&found), page.display()));
    }
    Ok(())
}

fn config(session: &Session, args: &SynthesizeArgs) -> SynthesisConfig {
    let defaults = SynthesisConfig::default();
    let all = args.curves.iter().any(|name| name == "all");
    SynthesisConfig {
        seed: session.seed.unwrap_or(ExperimentConfig::default().seed),
        set: args.set.clone(),
        curves: if all {
            TARGETS.map(ToOwned::to_owned).to_vec()
        } else {
            args.curves.iter().map(|name| name.replace('-', "_")).collect()
        },
        controllers: if args.controllers.is_empty() {
            defaults.controllers
        } else {
            args.controllers.clone()
        },
        count: args.count,
        values: args.values,
        steering: defaults.steering,
    }
}

/// Every circuit as a file or folder of its own.
fn export(found: &Synthesis, format: &str, run: &RunDir) -> Result<(), Error> {
    let folder = run.root().join("circuits");
    std::fs::create_dir_all(&folder).map_err(system("create", &folder))?;
    let Some((name, format)) = ExportFormat::ALL.iter().find(|(name, _)| *name == format) else {
        return Ok(());
    };
    let ending = match format {
        ExportFormat::GraphMl => ".graphml",
        ExportFormat::Npz => ".npz",
        ExportFormat::NodeLink => ".json",
        // The others are folders.
        _ => "",
    };
    for (place, circuit) in found.circuits.iter().enumerate() {
        let path = folder.join(format!("{name}_{place:03}{ending}"));
        neuroloom_io::export_connectome(&path, circuit.connectome(), *format)?;
    }
    Ok(())
}

fn text(found: &Synthesis) -> String {
    let request = found.outcome.as_ref().map(|outcome| of_request(outcome, found));
    let curves = (!found.curves.is_empty()).then(|| of_curves(&found.curves));
    request.into_iter().chain(curves).collect::<Vec<_>>().join("\n\n")
}

fn of_request(outcome: &Outcome, found: &Synthesis) -> String {
    let heads = ["statistic", "asked", "achieved", "sd", "without steering", "data 5-95 %", "reachable"];
    let mut table = TextTable::new(&heads);
    for target in &outcome.targets {
        let reachable = found.reachable.iter().find(|(name, ..)| *name == target.metric);
        table.row(&[
            &target.metric,
            &score(target.asked),
            &score(target.achieved),
            &score(target.sd),
            &score(target.unsteered),
            &format!("{} {}", score(target.training_range.0), score(target.training_range.1)),
            &reachable.map(|(_, low, high)| format!("{} {}", score(*low), score(*high))).unwrap_or_default(),
        ]);
    }
    let moved: Vec<String> =
        outcome.side_effects.iter().map(|(name, shift)| format!("{name} {shift:+.2}")).collect();
    let novelty = &outcome.novelty;
    let notes = facts(&[
        ("controller", outcome.controller.name().to_owned()),
        ("what else moved (sd)", moved.join(", ")),
        ("distance from the prior", format!("{:.1} %", 100.0 * outcome.prior_percentile)),
        (
            "nearest training circuit",
            format!(
                "{:.3} (among training circuits {:.3})",
                novelty.nearest_training, novelty.nearest_among_training
            ),
        ),
    ]);
    format!("{}\n\n{notes}", table.render())
}

fn of_curves(curves: &[ControlCurve]) -> String {
    let heads = [
        "statistic",
        "controller",
        "Spearman",
        "slope",
        "relative error",
        "worst",
        "error (sd)",
        "unsteered (sd)",
    ];
    let mut table = TextTable::new(&heads);
    for curve in curves {
        table.row(&[
            &curve.metric,
            curve.controller.name(),
            &score(curve.spearman),
            &score(curve.slope),
            &format!("{:.1} %", 100.0 * curve.relative_error),
            &format!("{:.1} %", 100.0 * curve.worst_relative_error),
            &score(curve.mean_absolute_error_sd),
            &score(curve.unsteered_error_sd),
        ]);
    }
    table.render()
}
