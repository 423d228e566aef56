//! `neuroloom sample`.

use neuroloom_core::{CircuitPart, Seed};
use serde_json::json;

use super::Session;
use super::args::SampleArgs;
use super::console::Format;
use super::render::{count, facts};
use crate::Error;
use crate::experiment::circuits;
use crate::experiment::{Artefact, ExperimentConfig, InputFile, Provenance, RunDir};

pub(super) fn sample(session: &Session, args: &SampleArgs) -> Result<(), Error> {
    let started = std::time::Instant::now();
    let options = neuroloom_io::ConnectomeOptions { nodes: args.nodes.clone(), ..Default::default() };
    let import = neuroloom_io::read_connectome(&args.connectome, &options)?;
    import.warnings.iter().for_each(|warning| session.console.warning(warning));
    let seed = Seed(session.seed.unwrap_or(ExperimentConfig::default().seed));
    let config = args.sample.sampling()?;
    let mask = args.traced.unwrap_or_default().mask(&import.connectome);
    let masked = import.connectome.with_observed(mask);
    let connectome = match args.sample.depth {
        Some(depth) => circuits::turned(&masked, depth)?,
        None => masked,
    };
    let run = RunDir::create(&args.out)?;
    let mut provenance = Provenance::new(&session.command, seed.0);
    provenance.inputs = vec![InputFile::read("connectome", &args.connectome)?];
    run.write_json(Artefact::Provenance, &provenance)?;
    let drawn = circuits::sample(&connectome, &config, (seed, &args.out), &session.progress);
    let drawn = drawn.map_err(|error| error.in_stage("sample"))?;
    let seconds = started.elapsed().as_secs_f64();
    let (set, summary) = (&drawn.set, &drawn.summary);
    let of = |part| set.of_part(part).count();
    if session.console.format == Format::Json {
        let parts: serde_json::Map<String, serde_json::Value> =
            CircuitPart::ALL.into_iter().map(|part| (part.name().to_owned(), json!(of(part)))).collect();
        let result = json!({ "summary": summary, "circuits": parts, "seconds": seconds, "out": args.out });
        session.console.result(&format!("{result:#}"));
        return Ok(());
    }
    let parts = CircuitPart::ALL.map(|part| format!("{} {}", part.name(), of(part)));
    let n = set.len().max(1) as f64;
    let mean =
        |of: fn(&neuroloom_core::Circuit) -> usize| set.circuits().iter().map(of).sum::<usize>() as f64 / n;
    session.console.summary(&facts(&[
        ("sampler", config.sampler.name().to_owned()),
        ("circuits", format!("{} of {} asked ({})", set.len(), summary.n_asked, parts.join(", "))),
        (
            "neurons",
            format!(
                "{:.1} a circuit; {} of {} eligible ones used",
                mean(neuroloom_core::Circuit::n_neurons),
                count(summary.n_used as u64),
                count(summary.n_eligible as u64)
            ),
        ),
        ("edges", format!("{:.1} a circuit", mean(neuroloom_core::Circuit::n_edges))),
        (
            "largest overlap",
            format!("{:.2} on average, {} allowed", summary.mean_largest_overlap, config.max_overlap),
        ),
        ("shared", format!("{} neurons in both training and test", summary.n_shared_train_test)),
        ("time", format!("{seconds:.2} s")),
        ("set", args.out.display().to_string()),
    ]));
    Ok(())
}
