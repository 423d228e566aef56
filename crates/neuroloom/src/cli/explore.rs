//! `neuroloom explore`.

use super::Session;
use super::code_args::ExploreArgs;
use super::console::Format;
use super::render::{TextTable, score};
use crate::Error;
use crate::experiment::circuit_vae::{Exploration, ExploreConfig, TrainedCode, explore as run_explore};
use crate::experiment::{RunRecord, stages};

pub(super) fn explore(session: &Session, args: &ExploreArgs) -> Result<(), Error> {
    let code = TrainedCode::open(&args.folder)?;
    let defaults = ExploreConfig::default();
    let config = ExploreConfig {
        metrics: if args.metrics.is_empty() { defaults.metrics.clone() } else { args.metrics.clone() },
        permutations: args.permutations,
        perplexity: args.perplexity,
    };
    config.check().map_err(|reason| Error::Setting {
        key: "explore",
        given: "a setting out of range".to_owned(),
        allowed: reason,
    })?;
    let record = RunRecord::open(&code.run, &session.progress)?;
    let found = run_explore(&code, &config, &record).map_err(|error| error.in_stage("explore"))?;
    let page = stages::report(&code.run, &session.progress)?;
    if session.console.format == Format::Json {
        session.console.result(&format!("{:#}", serde_json::json!(found)));
    } else {
        session.console.summary(&format!("{}\n\nreport  {}", text(&found), page.display()));
    }
    Ok(())
}

fn text(found: &Exploration) -> String {
    let heads = ["metric", "R2 code", "held out", "R2 N and E", "Spearman", "p", "spread over"];
    let mut table = TextTable::new(&heads);
    for one in &found.directions {
        let spread = found.attributions.iter().find(|other| other.metric == one.metric);
        table.row(&[
            &one.metric,
            &score(one.r2_cv),
            &one.r2_held_out.map(score).unwrap_or_default(),
            &score(one.r2_size),
            &score(one.spearman),
            &format!("{:.4}", one.p_value),
            &spread
                .map(|one| format!("{:.1} of {}", one.participation, one.n_dimensions))
                .unwrap_or_default(),
        ]);
    }
    let left_out: Vec<String> = found
        .left_out
        .iter()
        .map(|(metric, reason)| format!("\nno direction for {metric}: {reason}"))
        .collect();
    format!("{}{}", table.render(), left_out.concat())
}
