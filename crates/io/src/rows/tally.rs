//! Counting rows by what became of them.

/// How many rows met one fate, and the first three of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) n: usize,
    pub(crate) examples: Vec<String>,
}

impl Tally {
    pub(crate) fn add(&mut self, describe: impl FnOnce() -> String) {
        self.n += 1;
        if self.examples.len() < 3 {
            self.examples.push(describe());
        }
    }
}
