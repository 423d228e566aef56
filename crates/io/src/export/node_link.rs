//! Node-link JSON as `networkx.node_link_graph(..., edges="edges")` reads it.

use std::path::Path;

use neuroloom_core::{Connectome, NeuronId};
use serde_json::{Map, Value, json};

use super::{edge_attributes, node_attributes};
use crate::Error;
use crate::connectome::check_ids;
use crate::error::corrupt;
use crate::write_atomic;

pub(super) fn write(path: &Path, connectome: &Connectome) -> Result<(), Error> {
    let ids = connectome.neurons().id();
    check_ids(path, ids)?;
    let edges = connectome.edges();
    let node = |row: usize| {
        let mut all = object(node_attributes(connectome, row));
        all.insert("id".to_owned(), id(&ids[row]));
        Value::Object(all)
    };
    let edge = |edge: usize| {
        let mut all = object(edge_attributes(connectome, edge));
        all.insert("source".to_owned(), id(&ids[edges.pre[edge] as usize]));
        all.insert("target".to_owned(), id(&ids[edges.post[edge] as usize]));
        Value::Object(all)
    };
    let graph = json!({
        "directed": true,
        "multigraph": !edges.kind.is_empty(),
        "graph": {},
        "nodes": (0..ids.len()).map(node).collect::<Vec<_>>(),
        "edges": (0..edges.len()).map(edge).collect::<Vec<_>>(),
    });
    let text = serde_json::to_vec(&graph).map_err(corrupt(path, "JSON"))?;
    write_atomic(path, &text)
}

fn id(id: &NeuronId) -> Value {
    match id {
        NeuronId::Integer(integer) => json!(integer),
        NeuronId::Name(name) => json!(name),
    }
}

/// Numbers as numbers; absent ones are null.
fn object(attributes: Vec<(&'static str, String)>) -> Map<String, Value> {
    let value = |name: &str, text: String| match name {
        "cell_type" | "kind" => Value::String(text),
        _ => serde_json::from_str(&text).unwrap_or(Value::Null),
    };
    attributes.into_iter().map(|(name, text)| (name.to_owned(), value(name, text))).collect()
}
