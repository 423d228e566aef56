//! The command line: one file a verb, each a function from arguments to an experiment to a summary.

mod args;
mod atlas;
mod code_args;
mod compare;
mod compare_sets;
mod console;
mod demo;
mod distill;
mod examples;
mod explore;
mod export;
mod import;
mod import_args;
mod infer;
mod inspect;
mod interrupt;
mod measure;
mod progress;
mod render;
mod report;
mod reservoir;
mod run;
mod sample;
mod scores;
mod simulate;
mod simulate_tissue;
mod synthesize;
mod train;
mod train_circuits;
mod weights;

use std::process::ExitCode;

use clap::Parser;
use neuroloom_core::Warning;

use crate::Error;
use crate::experiment::{Artefact, RunDir};
use args::{Cli, Verb};
use console::Console;
use progress::Progress;

/// What every verb works with.
pub(crate) struct Session {
    pub(crate) console: Console,
    pub(crate) progress: Progress,
    /// The seed given as a flag.
    pub(crate) seed: Option<u64>,
    /// The command as typed, with the program's own path left out.
    pub(crate) command: String,
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let console = Console::new(&cli.global);
    let session = Session {
        console,
        progress: Progress::new(console),
        seed: cli.global.seed,
        command: typed_command(),
    };
    interrupt::listen();
    let outcome = start_threads(cli.global.threads).and_then(|()| dispatch(&session, cli.verb));
    session.progress.clear();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            console.error(&error);
            ExitCode::from(if error.is_interruption() { interrupt::EXIT_CODE } else { 1 })
        }
    }
}

fn dispatch(session: &Session, verb: Verb) -> Result<(), Error> {
    match verb {
        Verb::Simulate(args) => simulate::simulate(session, *args),
        Verb::Infer(args) => infer::infer(session, *args),
        Verb::Compare(args) => compare::compare(session, &args),
        Verb::Distill(args) => distill::distill(session, &args),
        Verb::Train(args) => train::train(session, *args),
        Verb::Extract(args) => weights::extract(session, &args),
        Verb::Stress(args) => weights::stress(session, &args),
        Verb::Inspect(args) => inspect::inspect(session, args),
        Verb::Import(args) => import::import(session, *args),
        Verb::Export(args) => export::export(session, &args),
        Verb::Measure(args) => measure::measure(session, args),
        Verb::Report(args) => report::report(session, &args),
        Verb::Run(args) => run::run(session, &args),
        Verb::Sample(args) => sample::sample(session, &args),
        Verb::Explore(args) => explore::explore(session, &args),
        Verb::Synthesize(args) => synthesize::synthesize(session, &args),
        Verb::Reservoir(args) => reservoir::reservoir(session, &args),
        Verb::Atlas(args) => atlas::atlas(session, &args),
        Verb::Demo(args) => demo::demo(session, &args),
    }
}

fn start_threads(threads: Option<u16>) -> Result<(), Error> {
    // 0 lets rayon take every core.
    let n_threads = threads.map_or(0, usize::from);
    Ok(rayon::ThreadPoolBuilder::new().num_threads(n_threads).build_global()?)
}

/// Keeps the warnings of a command that has no stages.
fn finish_folder(run: &RunDir, warnings: Vec<Warning>) -> Result<(), Error> {
    run.write_json(Artefact::Warnings, &warnings)
}

fn typed_command() -> String {
    let words = std::env::args_os().skip(1).map(|word| quoted(&word.to_string_lossy()));
    std::iter::once("neuroloom".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

/// A word as a shell would need it.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "-_./=,:+@%".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn words_survive_a_shell() {
        assert_eq!(quoted("--dt=0.6"), "--dt=0.6");
        assert_eq!(quoted("my worm.npz"), "'my worm.npz'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
