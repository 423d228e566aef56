//! The two streams: results on standard output, everything else on standard error.

use std::io::{IsTerminal, Write};

use neuroloom_core::Warning;

use super::args::GlobalArgs;
use crate::Error;

/// How much is said besides results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verbosity {
    /// Progress bars on a terminal, lines elsewhere.
    Progress,
    /// Neither bars nor lines, but notes and summaries.
    Notes,
    /// Warnings and errors.
    Quiet,
}

/// What results look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Aligned tables.
    Text,
    /// JSON.
    Json,
}

/// The two streams and how to write on them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Console {
    pub(crate) format: Format,
    pub(crate) verbosity: Verbosity,
    colour: Colour,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Colour {
    Plain,
    Ansi,
}

impl Console {
    pub(crate) fn new(global: &GlobalArgs) -> Self {
        let verbosity = match (global.quiet, global.no_progress) {
            (true, _) => Verbosity::Quiet,
            (false, true) => Verbosity::Notes,
            (false, false) => Verbosity::Progress,
        };
        Self {
            format: if global.json { Format::Json } else { Format::Text },
            verbosity,
            colour: Colour::of_stderr(),
        }
    }

    /// A result, on standard output. A closed pipe (`| head`) is no error.
    pub(crate) fn result(&self, text: &str) {
        let _ = writeln!(std::io::stdout().lock(), "{}", text.trim_end());
    }

    /// A result for people; silent where JSON or silence was asked for.
    pub(crate) fn summary(&self, text: &str) {
        if self.format == Format::Text && self.verbosity != Verbosity::Quiet {
            self.result(text);
        }
    }

    /// A remark, on standard error.
    pub(crate) fn note(&self, text: &str) {
        if self.verbosity != Verbosity::Quiet {
            complain(text);
        }
    }

    pub(crate) fn warning(&self, warning: &Warning) {
        complain(&format!("{} {}", self.colour.bold("warning:", "33"), warning.message));
    }

    /// `error:`, the chain of causes, a blank line, `hint:`.
    pub(crate) fn error(&self, error: &Error) {
        complain(&format!("{} {error}", self.colour.bold("error:", "31")));
        let mut last = error.to_string();
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            let text = cause.to_string();
            // Transparent wrappers repeat the text of what they wrap.
            if text != last {
                complain(&format!("  caused by: {text}"));
            }
            last = text;
            source = cause.source();
        }
        if let Some(hint) = error.hint() {
            complain(&format!("\n{} {hint}", self.colour.bold("hint:", "36")));
        }
    }
}

impl Colour {
    fn of_stderr() -> Self {
        let forbidden = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
        if forbidden || dumb || !std::io::stderr().is_terminal() { Self::Plain } else { Self::Ansi }
    }

    fn bold(self, text: &str, colour: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Ansi => format!("\u{1b}[1;{colour}m{text}\u{1b}[0m"),
        }
    }
}

fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
