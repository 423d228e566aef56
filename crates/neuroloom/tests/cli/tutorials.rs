//! Every command of the tutorials runs, in order, in one fresh folder.
//!
//! Blocks marked `sh` are commands, a `toml` or `python` block whose first line is `# name` is a file of that name;
//! blocks without a mark are only read.

use std::fs;
use std::path::{Path, PathBuf};

use neuroloom::io::NamedArray;

use crate::harness::{Folder, linear_circuit};

struct Block {
    language: String,
    lines: Vec<String>,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some(language), None) => {
                open = Some(Block { language: language.trim().to_owned(), lines: Vec::new() });
            }
            (None, Some(block)) => block.lines.push(line.to_owned()),
            (None, None) => {}
        }
    }
    found
}

/// The words of a command line; the tutorials quote nothing.
fn words(line: &str) -> Vec<&str> {
    line.split('#').next().unwrap_or_default().split_whitespace().collect()
}

/// What the tutorials take for granted: a recording of one's own, and the bundled data beside it.
fn furnish(folder: &Folder) {
    let values = linear_circuit(600, 6).mapv(f64::from);
    let traces = [("traces", NamedArray::from(&values))];
    neuroloom::io::write_npz(&folder.path("recording.npz"), &traces).unwrap();
    let worm = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/worm");
    fs::create_dir_all(folder.path("data/worm")).unwrap();
    for entry in fs::read_dir(worm).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), folder.path("data/worm").join(entry.file_name())).unwrap();
    }
}

fn follow(tutorial: &Path) -> usize {
    let folder = Folder::new();
    furnish(&folder);
    let mut n_commands = 0;
    for block in blocks(&fs::read_to_string(tutorial).unwrap()) {
        let name = block.lines.first().and_then(|line| line.strip_prefix("# "));
        match (block.language.as_str(), name) {
            ("sh", _) => {
                for line in block.lines.iter().filter(|line| !words(line).is_empty()) {
                    let words = words(line);
                    assert_eq!(words[0], "neuroloom", "{}: {line}", tutorial.display());
                    let outcome = folder.run(&words[1..]);
                    assert_eq!(outcome.code, Some(0), "{}: {line}\n{}", tutorial.display(), outcome.stderr);
                    n_commands += 1;
                }
            }
            ("toml", Some(name)) => folder.write(name, block.lines.join("\n")),
            _ => {}
        }
    }
    n_commands
}

fn tutorials() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/tutorials");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn the_commands_of_every_tutorial_run() {
    for tutorial in tutorials() {
        let n_commands = follow(&tutorial);
        assert!(n_commands > 0, "{} has no block marked `sh`", tutorial.display());
    }
}
