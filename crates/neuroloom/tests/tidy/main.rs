//! The rules of the house, checked on the source tree itself. Every offence is listed as `file:line`.
//!
//! Sizes, names, arrows between crates, banned text, the root folder, decision notes, links in the documents.

#![expect(clippy::unwrap_used, reason = "a test: what is wrong with the tree shall stop it")]

mod documents;
mod source;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use documents::{links, resolves, starts_a_path};
use source::{camel_words, declared, functions, has_word};
use tree::{files_below, name_of, package_name, packages, root, rust_files};

const MAX_FILE_LINES: usize = 800;
const MAX_FUNCTION_LINES: usize = 80;

const FORBIDDEN_NAMES: [&str; 9] =
    ["utils", "helpers", "common", "misc", "base", "manager", "handler", "processor", "types"];

/// A type that ends so hides what it is: `NeuronTypes` says something, `NeuronManager` does not.
const DOERS: [&str; 7] = ["manager", "handler", "processor", "helper", "helpers", "util", "utils"];

/// What stands at the root (architecture, section 3). Dot files of editors are nobody's business.
const AT_THE_ROOT: [&str; 22] = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "LICENSE-MIT",
    "LICENSE-APACHE",
    "CITATION.cff",
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "clippy.toml",
    "justfile",
    "crates",
    "data",
    "examples",
    "reference",
    "docs",
    "browser",
    // Made by builds and runs, ignored by git.
    "target",
    "runs",
    "node_modules",
];

/// The arrows: which of our crates a crate may depend on, in tests too.
const ARROWS: [(&str, &[&str]); 8] = [
    ("core", &[]),
    ("io", &["core"]),
    ("sim", &["core"]),
    ("analysis", &["core"]),
    ("report", &["core"]),
    ("nn", &["core"]),
    ("models", &["core", "nn", "sim", "analysis"]),
    ("neuroloom", &["core", "io", "nn", "sim", "analysis", "report", "models"]),
];

/// Crates of file formats: behind the wall of `io`.
const FORMAT_CRATES: [&str; 11] = [
    "arrow-array",
    "arrow-ipc",
    "arrow-schema",
    "csv",
    "hdf5-pure",
    "ndarray-npy",
    "parquet",
    "quick-xml",
    "safetensors",
    "zarrs",
    "zip",
];

/// Ours, but neither disk nor printing: only `io` and `neuroloom` touch the world.
const PURE_CRATES: [&str; 6] = ["core", "nn", "sim", "analysis", "models", "report"];

/// `nn` turns checkpoints into safetensors bytes and back; `io` carries the bytes to and from the disk.
const BYTES_ONLY: (&str, &str) = ("nn", "safetensors");

#[test]
fn files_and_functions_are_small() {
    let mut offences = Vec::new();
    for file in rust_files() {
        if file.n_lines() > MAX_FILE_LINES {
            offences.push(format!("{}:1: {} lines, at most {MAX_FILE_LINES}", file.name, file.n_lines()));
        }
        for function in functions(&file.masked) {
            if function.n_lines > MAX_FUNCTION_LINES {
                offences.push(format!(
                    "{}:{}: fn {} has {} lines, at most {MAX_FUNCTION_LINES}",
                    file.name, function.line, function.name, function.n_lines
                ));
            }
        }
    }
    assert_none(&offences);
}

#[test]
fn names_say_something() {
    let mut offences = Vec::new();
    for file in rust_files() {
        let path = file.name.trim_end_matches(".rs");
        if let Some(part) = path.split('/').find(|part| FORBIDDEN_NAMES.contains(part)) {
            offences.push(format!("{}:1: `{part}` says nothing as the name of a file or folder", file.name));
        }
        for keyword in ["struct", "enum", "trait", "type", "mod", "fn"] {
            for (line, name) in declared(&file.masked, keyword) {
                if is_empty_name(keyword, &name) {
                    offences.push(format!(
                        "{}:{line}: `{keyword} {name}`: find the word of the field",
                        file.name
                    ));
                }
            }
        }
    }
    assert_none(&offences);
}

#[test]
fn banned_text_is_absent() {
    let mut offences = Vec::new();
    for file in rust_files().iter().filter(|file| !file.is_test()) {
        for (line, text) in file.code_lines() {
            for banned in banned_in(file.crate_name()) {
                if has_word(text, banned) && !(banned == "unsafe" && file.name.contains("nn/src/kernel/simd"))
                {
                    offences.push(format!("{}:{line}: `{banned}` outside tests", file.name));
                }
            }
        }
    }
    assert_none(&offences);
}

#[test]
fn no_path_of_one_machine() {
    // Put together here, so that this file does not offend.
    let banned = ["work", "home", "root", "Users"].map(|folder| format!("/{folder}/"));
    let mut offences = Vec::new();
    for path in files_below(&root()) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for (index, line) in text.lines().enumerate() {
            for folder in banned.iter().filter(|folder| starts_a_path(line, folder)) {
                offences.push(format!("{}:{}: absolute path {folder}", name_of(&path), index + 1));
            }
        }
    }
    assert_none(&offences);
}

#[test]
fn arrows_point_down() {
    let arrows: BTreeMap<&str, &[&str]> = ARROWS.into_iter().collect();
    let mut offences = Vec::new();
    for package in packages() {
        let Some(allowed) = arrows.get(package.folder.as_str()) else {
            offences.push(format!("{}:1: a crate without arrows; draw them first", package.manifest));
            continue;
        };
        if package.name != package_name(&package.folder) {
            offences.push(format!(
                "{}:1: package `{}` in `{}`: folders carry no prefix, packages `neuroloom-`",
                package.manifest, package.name, package.folder
            ));
        }
        for ours in arrows.keys().filter(|ours| !allowed.contains(*ours)) {
            if package.dependencies.contains(&package_name(ours)) {
                offences.push(format!("{}:1: {} must not know {ours}", package.manifest, package.folder));
            }
        }
        let formats = FORMAT_CRATES.iter().filter(|format| package.dependencies.contains(**format));
        if package.folder != "io" {
            let strange = formats.filter(|format| (package.folder.as_str(), **format) != BYTES_ONLY);
            offences
                .extend(strange.map(|format| format!("{}:1: only io may know {format}", package.manifest)));
        }
    }
    assert_none(&offences);
}

#[test]
fn nothing_stray_at_the_root() {
    let entries = fs::read_dir(root()).unwrap();
    let offences: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.') && !AT_THE_ROOT.contains(&name.as_str()))
        .map(|name| format!("{name}:1: not in the tree of the architecture"))
        .collect();
    assert_none(&offences);
}

#[test]
fn decisions_are_written_down() {
    let mut offences = Vec::new();
    let mut numbers = BTreeSet::new();
    for path in files_below(&root().join("docs/decisions")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let number = name.split('-').next().unwrap_or_default().to_owned();
        if number.len() != 3 || !number.bytes().all(|byte| byte.is_ascii_digit()) || !name.ends_with(".md") {
            offences.push(format!("{}:1: must be called NNN-title.md", name_of(&path)));
        }
        let text = fs::read_to_string(&path).unwrap();
        if !text.starts_with("# ") || text.lines().filter(|line| !line.trim().is_empty()).count() < 5 {
            offences.push(format!("{}:1: needs a title and a reason", name_of(&path)));
        }
        if !numbers.insert(number) {
            offences.push(format!("{}:1: its number is taken", name_of(&path)));
        }
    }
    assert!(!numbers.is_empty(), "docs/decisions is empty");
    assert_none(&offences);
}

#[test]
fn links_lead_somewhere() {
    let mut offences = Vec::new();
    for path in files_below(&root()).iter().filter(|path| path.extension().is_some_and(|end| end == "md")) {
        let text = fs::read_to_string(path).unwrap();
        for (line, link) in links(&text) {
            if !resolves(path, &text, &link) {
                offences.push(format!("{}:{line}: `{link}` leads nowhere", name_of(path)));
            }
        }
    }
    assert_none(&offences);
}

fn assert_none(offences: &[String]) {
    assert!(offences.is_empty(), "{} offences\n{}", offences.len(), offences.join("\n"));
}

fn banned_in(crate_name: &str) -> Vec<&'static str> {
    let mut banned = vec![".unwrap()", ".expect(", "panic!", "todo!", "unimplemented!", "dbg!", "unsafe"];
    if crate_name != "neuroloom" {
        banned.extend(["println!", "print!", "eprintln!", "eprint!", "process::exit"]);
    }
    if PURE_CRATES.contains(&crate_name) {
        banned.extend(["std::fs", "fs::", "File::"]);
    }
    if crate_name == "core" {
        banned.extend(["thread::", "rayon", "static"]);
    }
    banned
}

fn is_empty_name(keyword: &str, name: &str) -> bool {
    match keyword {
        "fn" => name.starts_with("get_"),
        "mod" => FORBIDDEN_NAMES.contains(&name),
        _ => {
            let words = camel_words(name);
            let last = words.last().map(String::as_str).unwrap_or_default();
            FORBIDDEN_NAMES.contains(&name.to_lowercase().as_str()) || DOERS.contains(&last)
        }
    }
}
