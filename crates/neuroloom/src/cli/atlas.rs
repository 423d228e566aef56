//! `neuroloom atlas`.

use std::path::PathBuf;

use super::Session;
use super::code_args::AtlasArgs;
use super::console::Format;
use super::render::{facts, score};
use crate::Error;
use crate::experiment::circuit_vae::{AtlasConfig, AtlasResult, AtlasSource, atlas as run_atlas};
use crate::experiment::{Artefact, InputFile, Provenance, RunDir, RunRecord, stages};

pub(super) fn atlas(session: &Session, args: &AtlasArgs) -> Result<(), Error> {
    let config = config(session, args)?;
    let run = RunDir::create(&args.out)?;
    let text = toml::to_string_pretty(&config).map_err(|error| refused("config", &error.to_string()))?;
    run.write_text(Artefact::Config, &text)?;
    let mut provenance = Provenance::new(&session.command, config.seed);
    run.write_json(Artefact::Provenance, &provenance)?;
    let read = |one: &AtlasSource| InputFile::read(&one.source, &one.set);
    provenance.inputs = config.sources.iter().map(read).collect::<Result<_, _>>()?;
    run.write_json(Artefact::Provenance, &provenance)?;
    let record = RunRecord::open(&run, &session.progress)?;
    let found = run_atlas(&config, &run, &record).map_err(|error| error.in_stage("atlas"))?;
    super::finish_folder(&run, record.take_warnings()?)?;
    let page = stages::report(&run, &session.progress)?;
    if session.console.format == Format::Json {
        session.console.result(&format!("{:#}", serde_json::json!(found)));
    } else {
        session.console.summary(&text_of(&found, page));
    }
    Ok(())
}

fn text_of(found: &AtlasResult, page: PathBuf) -> String {
    let counts = found.sources.iter().zip(&found.n_circuits);
    let listed: Vec<String> = counts.map(|(source, n)| format!("{source} {n}")).collect();
    facts(&[
        ("circuits", listed.join(", ")),
        ("rate", format!("{:.2} nats a circuit", found.rate_nats)),
        ("source told from the code", score(found.accuracy_code)),
        ("from ten graph metrics", score(found.accuracy_metrics)),
        ("from N and E alone", score(found.accuracy_size)),
        ("by chance", score(found.chance)),
        ("report", page.display().to_string()),
    ])
}

fn config(session: &Session, args: &AtlasArgs) -> Result<AtlasConfig, Error> {
    let mut config = AtlasConfig { per_source: args.per_source, ..AtlasConfig::default() };
    config.seed = session.seed.unwrap_or(config.seed);
    config.sources = args.sources.iter().map(|text| source(text)).collect::<Result<_, _>>()?;
    config.model.latent = args.latent.unwrap_or(config.model.latent);
    config.model.training.epochs = args.epochs.unwrap_or(config.model.training.epochs);
    config.model.training.beta = args.beta.unwrap_or(config.model.training.beta);
    config.model.check()?;
    Ok(config)
}

/// `SOURCE[:REGION]=SET`.
fn source(text: &str) -> Result<AtlasSource, Error> {
    let Some((name, set)) = text.split_once('=').filter(|(name, set)| !name.is_empty() && !set.is_empty())
    else {
        return Err(refused("sources", text));
    };
    let (source, region) = match name.split_once(':') {
        Some((source, region)) => (source, Some(region.to_owned())),
        None => (name, None),
    };
    Ok(AtlasSource { source: source.to_owned(), region, set: PathBuf::from(set) })
}

fn refused(key: &'static str, given: &str) -> Error {
    Error::Setting { key, given: given.to_owned(), allowed: "SOURCE=SET or SOURCE:REGION=SET".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read() {
        let one = source("larva:optic=sets/optic").unwrap();
        assert_eq!((one.source.as_str(), one.region.as_deref()), ("larva", Some("optic")));
        assert_eq!(one.set, PathBuf::from("sets/optic"));
        assert_eq!(source("worm=w").unwrap().region, None);
        assert!(source("worm").is_err() && source("=x").is_err());
    }
}
