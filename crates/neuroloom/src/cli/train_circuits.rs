//! `neuroloom train circuits`.

use neuroloom_models::circuit_vae::evaluate::{Estimate, PairScores, ReconstructionScores, StrengthScores};

use super::Session;
use super::code_args::{CutArgs, ScoreArgs, TrainCircuitsArgs};
use super::console::Format;
use super::render::{TextTable, facts, score};
use crate::Error;
use crate::experiment::circuit_vae::{CircuitSource, CodeConfig, CodeEvaluationResult, CodePipeline};
use crate::experiment::{Artefact, RunDir, RunRecord, note_skipped};

pub(super) fn train_circuits(session: &Session, args: &TrainCircuitsArgs) -> Result<(), Error> {
    let config = experiment(session, args)?;
    run(session, (&config, &config), &RunDir::create(&args.out)?)
}

/// Runs a code experiment in its folder and prints its scores.
pub(super) fn run(session: &Session, configs: (&CodeConfig, &CodeConfig), run: &RunDir) -> Result<(), Error> {
    let record = RunRecord::open(run, &session.progress)?;
    let pipeline = CodePipeline::new(configs, run, &record, &session.command)?;
    note_skipped(&pipeline.execute()?, &record);
    print(session, run)
}

fn print(session: &Session, run: &RunDir) -> Result<(), Error> {
    let result: CodeEvaluationResult = run.read_json(Artefact::Evaluation)?;
    if session.console.format == Format::Json {
        session.console.result(&format!("{:#}", serde_json::json!(result)));
        return Ok(());
    }
    let generation = &result.generation;
    let labels: Vec<&str> = generation.sets.iter().map(String::as_str).collect();
    let mut table = TextTable::new(&[&[""][..], &labels].concat());
    let mut row = |name: &str, values: &[f64]| {
        let cells: Vec<String> = values.iter().map(|&value| score(value)).collect();
        let cells: Vec<&str> = std::iter::once(name).chain(cells.iter().map(String::as_str)).collect();
        table.row(&cells);
    };
    row("PGD", &generation.pgd);
    row("PGD directed", &generation.pgd_directed);
    row("AUROC (chance 0.5)", &generation.classifier_auroc);
    row("reciprocity / data", &generation.reciprocity_ratio);
    let reconstruction = result.reconstruction.as_ref().map(of_reconstruction).unwrap_or_default();
    let variants = of_variants(&result);
    let n_better = generation.closer_than_fitted.len();
    let n_all = n_better + generation.not_closer_than_fitted.len();
    session.console.summary(&format!(
        "{reconstruction}{variants}generated circuits against {} test circuits\n\n{}\n\n{}",
        generation.n_reference,
        table.render(),
        facts(&[
            ("closer than the fitted baseline", format!("{n_better} of {n_all} distances")),
            ("report", run.path(Artefact::Report).display().to_string()),
        ])
    ));
    Ok(())
}

/// Unseen circuits encoded and decoded, beside other predictors.
fn of_reconstruction(found: &ReconstructionScores) -> String {
    let mut table = TextTable::new(&[
        "unseen circuits",
        "AUROC",
        "95 %",
        "average precision",
        "95 %",
        "gain in AUROC",
        "95 %",
    ]);
    let interval = |one: &Estimate| format!("{:.3} {:.3}", one.low, one.high);
    let own = &found.code;
    let cells = |scores: &PairScores| {
        [
            score(scores.auroc.value),
            interval(&scores.auroc),
            score(scores.average_precision.value),
            interval(&scores.average_precision),
        ]
    };
    let [auroc, auroc_range, precision, precision_range] = cells(own);
    table.row(&["code", &auroc, &auroc_range, &precision, &precision_range]);
    for one in &found.predictors {
        let [auroc, auroc_range, precision, precision_range] = cells(&one.scores);
        let gain = format!("{:+.3}", one.auroc_gain.value);
        table.row(&[
            &one.name,
            &auroc,
            &auroc_range,
            &precision,
            &precision_range,
            &gain,
            &interval(&one.auroc_gain),
        ]);
    }
    let strengths = found.strengths.as_ref().map(of_strengths).unwrap_or_default();
    format!("{}\n\n{strengths}{}\n\n", table.render(), found.rate.in_words())
}

/// Numbers of synapses of the edges of unseen circuits, beside predictors without a code.
fn of_strengths(found: &StrengthScores) -> String {
    let mut table = TextTable::new(&["synapses of an edge", "nats", "95 %", "saved by the code", "95 %"]);
    let interval = |one: &Estimate| format!("{:.3} {:.3}", one.low, one.high);
    table.row(&["code", &score(found.code.value), &interval(&found.code), "", ""]);
    for one in &found.predictors {
        let saved = format!("{:+.3}", one.saved.value);
        table.row(&[&one.name, &score(one.nats.value), &interval(&one.nats), &saved, &interval(&one.saved)]);
    }
    format!("{}\n\n", table.render())
}

/// What other splits, sizes and weights of the code would have scored.
fn of_variants(result: &CodeEvaluationResult) -> String {
    let mut text = String::new();
    if let (Some(disjoint), Some(random)) = (&result.reconstruction, &result.random_split) {
        let mut table =
            TextTable::new(&["split", "AUROC", "average precision", "trees", "trees", "shared neurons"]);
        for (name, found) in [("disjoint", disjoint), ("random", random)] {
            let trees = found.predictor("boosted-trees").map(|one| &one.scores);
            let of = |scores: &PairScores| [scores.auroc.value, scores.average_precision.value].map(score);
            let ([auroc, precision], [trees_auroc, trees_precision]) =
                (of(&found.code), trees.map_or_else(Default::default, of));
            let shared = found.n_shared_neurons.to_string();
            table.row(&[name, &auroc, &precision, &trees_auroc, &trees_precision, &shared]);
        }
        text = format!("{}\n\n", table.render());
    }
    for (name, points) in [("latents", &result.by_latents), ("beta", &result.by_beta)] {
        if points.is_empty() {
            continue;
        }
        let heads = [name, "nats", "active", "AUROC", "without", "AP", "without", "bits an edge", "net"];
        let mut table = TextTable::new(&heads);
        for one in points {
            let pair = |values: (f64, f64)| [score(values.0), score(values.1)];
            let ([auroc, auroc_0], [precision, precision_0]) = (pair(one.auroc), pair(one.average_precision));
            table.row(&[
                &one.at.to_string(),
                &format!("{:.1}", one.rate_nats),
                &one.active_units.to_string(),
                &auroc,
                &auroc_0,
                &precision,
                &precision_0,
                &score(one.bits_per_edge_saved),
                &score(one.bits_per_edge),
            ]);
        }
        text += &format!("{}\n\n", table.render());
    }
    text
}

/// Defaults, then the file of `--config`, then the flags.
fn experiment(session: &Session, args: &TrainCircuitsArgs) -> Result<CodeConfig, Error> {
    let mut config = match &args.config {
        Some(path) => CodeConfig::load(path)?,
        None => CodeConfig::default(),
    };
    config.seed = session.seed.unwrap_or(config.seed);
    if let Some(path) = &args.source {
        let source = std::mem::take(&mut config.circuits);
        let is_set = path.join("circuits.parquet").is_file();
        config.circuits =
            CircuitSource { sampling: source.sampling, depth: source.depth, ..CircuitSource::default() };
        let place = if is_set { &mut config.circuits.set } else { &mut config.circuits.connectome };
        *place = Some(path.clone());
    }
    cut(&mut config.circuits, &args.cut)?;
    model(&mut config, args);
    scores(&mut config, &args.score);
    config.check().map_err(|reason| Error::Config { path: args.out.join("config.toml"), reason })?;
    Ok(config)
}

/// Flags about cutting; a set is cut already.
fn cut(source: &mut CircuitSource, args: &CutArgs) -> Result<(), Error> {
    let given = [
        ("nodes", args.nodes.is_some()),
        ("circuits", args.n_circuits.is_some()),
        ("neurons", args.n_neurons.is_some()),
        ("max-overlap", args.max_overlap.is_some()),
        ("split", args.split.is_some()),
    ];
    if let (Some(set), Some((key, _))) = (&source.set, given.into_iter().find(|(_, given)| *given)) {
        let given = format!("given with the set {}", set.display());
        return Err(Error::Setting {
            key,
            given,
            allowed: "only with a connectome; a set is cut already".to_owned(),
        });
    }
    source.nodes = args.nodes.clone().or(source.nodes.take());
    let sampling = &mut source.sampling;
    sampling.n_circuits = args.n_circuits.unwrap_or(sampling.n_circuits);
    sampling.n_neurons = args.n_neurons.clone().unwrap_or_else(|| sampling.n_neurons.clone());
    sampling.max_overlap = args.max_overlap.unwrap_or(sampling.max_overlap);
    sampling.fractions = args.split.unwrap_or(sampling.fractions);
    Ok(())
}

fn model(config: &mut CodeConfig, args: &TrainCircuitsArgs) {
    let model = &mut config.model;
    model.form = args.form.unwrap_or(model.form);
    model.latent = args.latent.unwrap_or(model.latent);
    model.width = args.width.unwrap_or(model.width);
    let training = &mut model.training;
    training.epochs = args.epochs.unwrap_or(training.epochs);
    training.batch = args.batch.unwrap_or(training.batch);
    training.learning_rate = args.rate.unwrap_or(training.learning_rate);
    training.beta = args.beta.unwrap_or(training.beta);
    training.patience = args.patience.unwrap_or(training.patience);
}

fn scores(config: &mut CodeConfig, args: &ScoreArgs) {
    let evaluate = &mut config.evaluate;
    evaluate.per_circuit = args.per_circuit.unwrap_or(evaluate.per_circuit);
    evaluate.random_split |= args.random_split;
    if !args.nulls.is_empty() {
        evaluate.nulls.clone_from(&args.nulls);
    }
    if !args.latents.is_empty() {
        evaluate.latents.clone_from(&args.latents);
    }
    if !args.betas.is_empty() {
        evaluate.betas.clone_from(&args.betas);
    }
}
