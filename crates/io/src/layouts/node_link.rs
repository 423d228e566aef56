//! Node-link JSON of networkx (`node_link_data`): `nodes` with `id`, and `edges` (`links` before networkx 3.4)
//! with `source` and `target`. Ids beyond 2^53 stay exact: JSON integers are read as integers.

use std::path::Path;

use serde_json::{Map, Value};

use super::assembled::Assembled;
use super::document::{Attributes, Document};
use super::edge_list::text;
use crate::Error;
use crate::error::corrupt;

pub(crate) fn read(path: &Path) -> Result<Assembled, Error> {
    let root: Value = serde_json::from_reader(text(path)?).map_err(corrupt(path, "JSON"))?;
    let missing = |wanted: &str| Error::MissingArray {
        path: path.to_owned(),
        wanted: wanted.to_owned(),
        present: root
            .as_object()
            .map_or_else(String::new, |all| all.keys().cloned().collect::<Vec<_>>().join(", ")),
    };
    let list = |name: &str| root.get(name).and_then(Value::as_array);
    let nodes = list("nodes").ok_or_else(|| missing("nodes"))?;
    let edges = list("edges").or_else(|| list("links")).ok_or_else(|| missing("edges"))?;
    let mut document =
        Document { undirected: root.get("directed") == Some(&Value::Bool(false)), ..Document::default() };
    for node in nodes {
        let all = node.as_object().ok_or_else(|| missing("an object a node"))?;
        let id = all.get("id").map(plain).ok_or_else(|| missing("id of a node"))?;
        document.nodes.push((id, attributes(all, &["id"])));
    }
    for edge in edges {
        let all = edge.as_object().ok_or_else(|| missing("an object an edge"))?;
        let end =
            |name: &str| all.get(name).map(plain).ok_or_else(|| missing("source and target of an edge"));
        document.edges.push((end("source")?, end("target")?, attributes(all, &["source", "target", "key"])));
    }
    document.assemble(path)
}

fn attributes(all: &Map<String, Value>, without: &[&str]) -> Attributes {
    let kept = all.iter().filter(|(name, value)| !without.contains(&name.as_str()) && !value.is_null());
    kept.map(|(name, value)| (name.clone(), plain(value))).collect()
}

/// Numbers as JSON prints them, text without quotes.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
