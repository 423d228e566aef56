//! Whole commands: exit code, standard output, standard error, files. One file a verb.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod bad_input;
mod circuit_code;
mod circuits;
mod demo;
mod distill;
mod examples;
mod harness;
mod help;
mod import;
mod infer;
mod inspect;
mod measure;
mod recovery;
mod report;
mod resume;
mod run;
mod simulate;
mod train;
mod tutorials;
mod weights;
