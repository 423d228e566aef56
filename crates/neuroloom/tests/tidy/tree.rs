//! What there is: files of the tree, packages of the workspace.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::source::{masked, test_lines};

pub(crate) struct RustFile {
    pub(crate) name: String,
    /// The text with comments and literals blanked out, line for line.
    pub(crate) masked: String,
}

impl RustFile {
    pub(crate) fn n_lines(&self) -> usize {
        self.masked.lines().count()
    }

    pub(crate) fn crate_name(&self) -> &str {
        self.name.split('/').nth(1).unwrap_or_default()
    }

    pub(crate) fn is_test(&self) -> bool {
        let parts: Vec<&str> = self.name.split('/').collect();
        parts.iter().any(|part| ["tests", "tests.rs", "benches", "examples"].contains(part))
    }

    /// Numbered lines outside `#[cfg(test)]` items.
    pub(crate) fn code_lines(&self) -> Vec<(usize, &str)> {
        let tests = test_lines(&self.masked);
        let lines = self.masked.lines().enumerate().map(|(index, text)| (index + 1, text));
        lines.filter(|(line, _)| !tests.contains(line)).collect()
    }
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

pub(crate) fn name_of(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().into_owned()
}

pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // In a second working tree `.git` is a file that names the first.
        if ["target", "runs", "node_modules", ".git"].contains(&name.as_str()) {
            continue;
        }
        if path.is_file() {
            files.push(path);
        } else {
            files.extend(files_below(&path));
        }
    }
    files
}

pub(crate) fn rust_files() -> Vec<RustFile> {
    let rust = files_below(&root().join("crates"))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "rs"));
    rust.map(|path| RustFile { name: name_of(&path), masked: masked(&fs::read_to_string(&path).unwrap()) })
        .collect()
}

pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) folder: String,
    pub(crate) manifest: String,
    pub(crate) dependencies: BTreeSet<String>,
}

pub(crate) fn packages() -> Vec<Package> {
    let cargo = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&cargo.stdout).unwrap();
    metadata["packages"].as_array().unwrap().iter().map(package).collect()
}

fn package(metadata: &serde_json::Value) -> Package {
    let manifest = PathBuf::from(metadata["manifest_path"].as_str().unwrap());
    let dependencies = metadata["dependencies"].as_array().unwrap();
    Package {
        name: metadata["name"].as_str().unwrap().to_owned(),
        folder: manifest.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned(),
        manifest: name_of(&manifest),
        dependencies: dependencies.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect(),
    }
}

pub(crate) fn package_name(folder: &str) -> String {
    if folder == "neuroloom" { folder.to_owned() } else { format!("neuroloom-{folder}") }
}
