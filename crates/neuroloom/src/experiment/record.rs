//! The run folder as a listener: `log.txt`, `metrics.jsonl`, and the warnings of the stage that runs.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use neuroloom_core::{Event, Listener, Warning};
use serde_json::json;

use super::{Artefact, RunDir};
use crate::Error;
use crate::error::system;

/// Writes down what happens in a run and passes it on, such as to the terminal.
pub struct RunRecord<'a> {
    next: &'a dyn Listener,
    state: Mutex<State>,
}

struct State {
    log: Option<Journal>,
    metrics: Option<Journal>,
    started: Instant,
    stage: String,
    warnings: Vec<Warning>,
    failure: Option<Error>,
}

/// A file that only grows.
struct Journal {
    path: PathBuf,
    file: File,
}

impl<'a> RunRecord<'a> {
    /// Keeps the journals of a run folder; events go on to `next`.
    ///
    /// # Errors
    /// [`Error::System`] if a journal cannot be opened.
    pub fn open(run: &RunDir, next: &'a dyn Listener) -> Result<Self, Error> {
        let log = Journal::open(&run.place(Artefact::Log)?)?;
        let metrics = Journal::open(&run.place(Artefact::Metrics)?)?;
        Ok(Self::new(next, Some(log), Some(metrics)))
    }

    /// Keeps warnings only, for a command without a journal.
    pub fn without_journal(next: &'a dyn Listener) -> Self {
        Self::new(next, None, None)
    }

    /// Warnings since the last call, each once; the first problem of the journals is reported here.
    ///
    /// # Errors
    /// [`Error::System`] if a journal could not be written, such as on a full disk.
    pub fn take_warnings(&self) -> Result<Vec<Warning>, Error> {
        let mut state = self.state();
        match state.failure.take() {
            Some(failure) => Err(failure),
            None => Ok(std::mem::take(&mut state.warnings)),
        }
    }

    fn new(next: &'a dyn Listener, log: Option<Journal>, metrics: Option<Journal>) -> Self {
        let state = State {
            log,
            metrics,
            started: Instant::now(),
            stage: String::new(),
            warnings: Vec::new(),
            failure: None,
        };
        Self { next, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panicking listener would leave the lists as they are, which is still fit for use.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener for RunRecord<'_> {
    fn emit(&self, event: Event) {
        let is_news = self.state().note(&event);
        if is_news {
            self.next.emit(event);
        }
    }

    fn cancelled(&self) -> bool {
        self.next.cancelled()
    }
}

impl State {
    /// Writes an event down; `false` if it is a warning that was given before.
    fn note(&mut self, event: &Event) -> bool {
        let seconds = (self.started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
        match event {
            Event::Started { stage, .. } => {
                self.stage = (*stage).to_owned();
                self.log(seconds, &format!("{stage}: started"));
            }
            Event::Step { done, loss: Some(loss) } => {
                let line = json!({"seconds": seconds, "stage": self.stage, "step": done, "loss": loss});
                self.metric(&line);
            }
            Event::Metric { name, value } => {
                self.metric(&json!({"seconds": seconds, "stage": self.stage, "name": name, "value": value}));
            }
            Event::Note(text) => self.log(seconds, text),
            Event::Warning(warning) => {
                if self.warnings.contains(warning) {
                    return false;
                }
                self.log(seconds, &format!("warning: {}: {}", warning.code, warning.message));
                self.warnings.push(warning.clone());
            }
            Event::Finished => {
                let line = format!("{}: finished", self.stage);
                self.log(seconds, &line);
            }
            _ => {}
        }
        true
    }

    fn log(&mut self, seconds: f64, text: &str) {
        let written = self.log.as_mut().map_or(Ok(()), |log| log.append(&format!("{seconds:9.3} s  {text}")));
        self.remember(written);
    }

    fn metric(&mut self, line: &serde_json::Value) {
        let written = self.metrics.as_mut().map_or(Ok(()), |metrics| metrics.append(&line.to_string()));
        self.remember(written);
    }

    fn remember(&mut self, written: Result<(), Error>) {
        if let (Err(error), None) = (written, &self.failure) {
            self.failure = Some(error);
        }
    }
}

impl Journal {
    fn open(path: &Path) -> Result<Self, Error> {
        let file = OpenOptions::new().create(true).append(true).open(path).map_err(system("write", path))?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// One write a line, so that a killed run leaves whole lines.
    fn append(&mut self, line: &str) -> Result<(), Error> {
        let written: io::Result<()> = self.file.write_all(format!("{line}\n").as_bytes());
        written.map_err(system("write", &self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use neuroloom_core::Silent;

    #[test]
    fn a_warning_is_kept_once_and_steps_become_lines() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunDir::create(folder.path()).unwrap();
        let record = RunRecord::open(&run, &Silent).unwrap();
        record.emit(Event::Started { stage: "transfer function", total: Some(2) });
        record.emit(Event::Step { done: 1, loss: Some(0.25) });
        record.emit(Event::Step { done: 2, loss: None });
        for _ in 0..2 {
            record.emit(Event::Warning(Warning::new("weak-senders", "2 of 5")));
        }
        assert_eq!(record.take_warnings().unwrap().len(), 1);
        let metrics = std::fs::read_to_string(run.path(Artefact::Metrics)).unwrap();
        assert_eq!(metrics.lines().count(), 1);
        let line: serde_json::Value = serde_json::from_str(&metrics).unwrap();
        assert_eq!(line["loss"], 0.25);
        let log = std::fs::read_to_string(run.path(Artefact::Log)).unwrap();
        assert_eq!(log.matches("warning: weak-senders").count(), 1);
    }
}
