//! Progress on standard error: a bar on a terminal, a line a stage elsewhere. Warnings are shown once.

use std::io::IsTerminal;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use neuroloom_core::{Event, Listener};

use super::console::{Console, Verbosity};
use super::interrupt;

/// Shows the events of a run.
pub(crate) struct Progress {
    console: Console,
    view: View,
    current: Mutex<Option<Current>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    Bar,
    Lines,
    Hidden,
}

/// The stage that runs.
struct Current {
    stage: &'static str,
    started: Instant,
    loss: Option<f64>,
    bar: ProgressBar,
}

impl Progress {
    pub(crate) fn new(console: Console) -> Self {
        let view = match console.verbosity {
            Verbosity::Progress if std::io::stderr().is_terminal() => View::Bar,
            Verbosity::Progress => View::Lines,
            Verbosity::Notes | Verbosity::Quiet => View::Hidden,
        };
        Self { console, view, current: Mutex::new(None) }
    }

    /// Removes the bar of a stage that did not end, such as after an error.
    pub(crate) fn clear(&self) {
        if let Some(current) = self.current().take() {
            current.bar.finish_and_clear();
        }
    }

    fn current(&self) -> MutexGuard<'_, Option<Current>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&self, stage: &'static str, total: Option<u64>) {
        self.finish();
        let bar = if self.view == View::Bar { new_bar(stage, total) } else { ProgressBar::hidden() };
        *self.current() = Some(Current { stage, started: Instant::now(), loss: None, bar });
    }

    fn step(&self, done: u64, loss: Option<f64>) {
        if let Some(current) = self.current().as_mut() {
            current.bar.set_position(done);
            if let Some(loss) = loss {
                current.loss = Some(loss);
                current.bar.set_message(format!("loss {loss:.4}"));
            }
        }
    }

    fn finish(&self) {
        let Some(current) = self.current().take() else { return };
        current.bar.finish_and_clear();
        if self.view != View::Hidden {
            let loss = current.loss.map(|loss| format!(", loss {loss:.3e}")).unwrap_or_default();
            let seconds = current.started.elapsed().as_secs_f64();
            self.console.note(&format!("  {} ({seconds:.1} s{loss})", current.stage));
        }
    }

    /// Prints above the bar.
    fn aside(&self, print: impl FnOnce()) {
        let current = self.current();
        match current.as_ref() {
            Some(current) => current.bar.suspend(print),
            None => print(),
        }
    }
}

impl Listener for Progress {
    fn emit(&self, event: Event) {
        match event {
            Event::Started { stage, total } => self.start(stage, total),
            Event::Step { done, loss } => self.step(done, loss),
            Event::Finished => self.finish(),
            Event::Note(text) => self.aside(|| self.console.note(&format!("  {text}"))),
            Event::Warning(warning) => self.aside(|| self.console.warning(&warning)),
            _ => {}
        }
    }

    fn cancelled(&self) -> bool {
        interrupt::requested()
    }
}

fn new_bar(stage: &'static str, total: Option<u64>) -> ProgressBar {
    let template = match total {
        Some(_) => "  {prefix} {wide_bar} {pos}/{len} {msg} {eta} left",
        None => "  {prefix} {spinner} {elapsed} {msg}",
    };
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_prefix(stage);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
