//! `neuroloom reservoir`.

use super::Session;
use super::code_args::ReservoirArgs;
use super::console::Format;
use super::render::{TextTable, score};
use crate::Error;
use crate::experiment::circuit_vae::{
    ReservoirFound, ReservoirSettings, TrainedCode, reservoir as run_reservoir,
};
use crate::experiment::{Artefact, ExperimentConfig, InputFile, Provenance, RunDir, RunRecord, stages};

pub(super) fn reservoir(session: &Session, args: &ReservoirArgs) -> Result<(), Error> {
    let settings = settings(session, args)?;
    let is_set = args.folder.join("circuits.parquet").is_file();
    let code = if is_set { None } else { Some(TrainedCode::open(&args.folder)?) };
    let run = match (&code, &args.out) {
        (Some(code), None) => code.run.clone(),
        (_, Some(out)) => fresh(session, args, out, &settings)?,
        (None, None) => {
            let allowed = "a folder for the results, where a set is given".to_owned();
            return Err(Error::Setting { key: "out", given: "nothing".to_owned(), allowed });
        }
    };
    let set = match &code {
        Some(code) => code.set.clone(),
        None => neuroloom_io::read_circuit_set(&args.folder)?,
    };
    let record = RunRecord::open(&run, &session.progress)?;
    let model = code.as_ref().map(|code| &code.model);
    let found = run_reservoir((&set, model), &settings, &run, &record);
    let found = found.map_err(|error| error.in_stage("reservoir"))?;
    let page = stages::report(&run, &session.progress)?;
    if session.console.format == Format::Json {
        session.console.result(&format!("{:#}", serde_json::json!(found)));
    } else {
        session.console.summary(&format!("{}\n\nreport  {}", text(&found), page.display()));
    }
    Ok(())
}

fn settings(session: &Session, args: &ReservoirArgs) -> Result<ReservoirSettings, Error> {
    let mut settings =
        ReservoirSettings { compared: args.compared, samples: args.samples, ..Default::default() };
    settings.seed = session.seed.unwrap_or(ExperimentConfig::default().seed);
    if !args.tasks.is_empty() {
        settings.tasks.clone_from(&args.tasks);
    }
    settings.reservoir.n_seeds = args.inputs;
    settings.reservoir.spectral_radius = args.spectral_radius;
    settings.reservoir.check()?;
    Ok(settings)
}

/// A folder of its own for results.
fn fresh(
    session: &Session,
    args: &ReservoirArgs,
    out: &std::path::Path,
    settings: &ReservoirSettings,
) -> Result<RunDir, Error> {
    let run = RunDir::create(out)?;
    let text = toml::to_string_pretty(settings).map_err(|error| Error::Setting {
        key: "config",
        given: error.to_string(),
        allowed: "numbers that TOML can hold".to_owned(),
    })?;
    run.write_text(Artefact::Config, &text)?;
    let mut provenance = Provenance::new(&session.command, settings.seed);
    provenance.inputs = vec![InputFile::read("circuits", &args.folder)?];
    run.write_json(Artefact::Provenance, &provenance)?;
    Ok(run)
}

fn text(found: &ReservoirFound) -> String {
    let mut controls = TextTable::new(&["score", "control", "circuits", "control's", "difference", "95 %"]);
    for row in &found.controls {
        let interval = row.interval.map(|(low, high)| format!("{low:+.3} {high:+.3}")).unwrap_or_default();
        controls.row(&[
            row.score,
            row.control.name(),
            &score(row.circuits.0),
            &score(row.controls.0),
            &format!("{:+.3}", row.difference),
            &interval,
        ]);
    }
    let Some(structure) = &found.structure else { return controls.render() };
    let mut table = TextTable::new(&["predicted from", "code", "chance", "p", "graph metrics", "N and E"]);
    for row in structure {
        table.row(&[
            &row.score,
            &score(row.r2_code),
            &score(row.r2_code_chance),
            &format!("{:.4}", row.p_code),
            &score(row.r2_metrics),
            &score(row.r2_size),
        ]);
    }
    format!("{}\n\n{}", controls.render(), table.render())
}
