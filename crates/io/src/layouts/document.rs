//! What GraphML and node-link JSON share: nodes and edges that carry named attributes as text.

use std::collections::BTreeMap;
use std::path::Path;

use neuroloom_core::{EdgeMask, NeuronId};
use rustc_hash::FxHashMap;

use super::assembled::Assembled;
use crate::Error;
use crate::connectome::{COUNT_NAMES, RawEdges, TYPE_NAMES};
use crate::table::is_mangled;

/// Attributes by name.
pub(super) type Attributes = BTreeMap<String, String>;

/// A graph as its document states it.
#[derive(Default)]
pub(super) struct Document {
    /// Name in the document, and attributes.
    pub(super) nodes: Vec<(String, Attributes)>,
    /// Names of sender and receiver, and attributes.
    pub(super) edges: Vec<(String, String, Attributes)>,
    /// Every edge is one in both directions.
    pub(super) undirected: bool,
}

const ID_KEYS: &[&str] = &["node_id", "neuron_id", "root_id", "bodyId"];

impl Document {
    pub(super) fn assemble(mut self, path: &Path) -> Result<Assembled, Error> {
        if self.nodes.is_empty() {
            return Err(Error::Empty { path: path.to_owned(), what: "the graph has no node".to_owned() });
        }
        if self.undirected {
            let turned = |(pre, post, attributes): &(String, String, Attributes)| {
                (pre != post).then(|| (post.clone(), pre.clone(), attributes.clone()))
            };
            let turned: Vec<_> = self.edges.iter().filter_map(turned).collect();
            self.edges.extend(turned);
        }
        let places: FxHashMap<&str, u32> =
            self.nodes.iter().enumerate().map(|(place, (name, _))| (name.as_str(), place as u32)).collect();
        let place = |name: &str| places.get(name).copied();
        let ends = self.edges.iter().map(|(pre, post, _)| (place(pre), place(post))).collect();
        let edges = RawEdges {
            ends,
            syn_count: self.edge_numbers(path, COUNT_NAMES)?,
            weight: self.edge_numbers(path, &["weight", "w"])?,
            sign: self
                .edge_numbers(path, &["sign"])?
                .map(|signs| signs.iter().map(|sign| *sign as i8).collect()),
            kind: self.edge_texts(&["kind", "edge_type"]),
        };
        Ok(Assembled {
            ids: self.ids(path)?,
            cell_type: self.node_texts(TYPE_NAMES),
            position_um: self.positions(path)?,
            observed: EdgeMask {
                pre_observed: self.flags("pre_observed"),
                post_observed: self.flags("post_observed"),
            },
            edges,
        })
    }

    fn ids(&self, path: &Path) -> Result<Vec<NeuronId>, Error> {
        let stated = self.node_texts(ID_KEYS);
        let id = |(place, (name, _)): (usize, &(String, Attributes))| {
            let text = stated.as_ref().map_or(name, |stated| &stated[place]);
            if is_mangled(text) {
                let column = "node id".to_owned();
                return Err(Error::MangledId {
                    path: path.to_owned(),
                    row: place + 1,
                    column,
                    given: text.clone(),
                });
            }
            Ok(NeuronId::parse(text))
        };
        self.nodes.iter().enumerate().map(id).collect()
    }

    /// An attribute that at least one node has.
    fn node_texts(&self, names: &[&str]) -> Option<Vec<String>> {
        let name = names.iter().find(|name| self.nodes.iter().any(|(_, all)| all.contains_key(**name)))?;
        Some(self.nodes.iter().map(|(_, all)| all.get(*name).cloned().unwrap_or_default()).collect())
    }

    fn edge_texts(&self, names: &[&str]) -> Option<Vec<String>> {
        let name = names.iter().find(|name| self.edges.iter().any(|(_, _, all)| all.contains_key(**name)))?;
        Some(self.edges.iter().map(|(_, _, all)| all.get(*name).cloned().unwrap_or_default()).collect())
    }

    fn edge_numbers(&self, path: &Path, names: &[&str]) -> Result<Option<Vec<f32>>, Error> {
        let Some(texts) = self.edge_texts(names) else { return Ok(None) };
        let number = |(row, text): (usize, &String)| {
            let value = text.parse().ok().filter(|value: &f32| value.is_finite());
            value.ok_or_else(|| {
                bad(path, row, names[0], text, "a number within the range of f32, not missing")
            })
        };
        texts.iter().enumerate().map(number).collect::<Result<_, _>>().map(Some)
    }

    fn positions(&self, path: &Path) -> Result<Option<Vec<[f64; 3]>>, Error> {
        for (suffix, divisor) in [("_um", 1.0), ("_nm", 1e3), ("", 1.0)] {
            let axes = ["x", "y", "z"].map(|axis| self.node_texts(&[&format!("{axis}{suffix}")]));
            let [Some(x), Some(y), Some(z)] = axes else { continue };
            let number = |axis: &[String], row: usize| match axis[row].as_str() {
                "" => Ok(f64::NAN),
                text => text
                    .parse()
                    .map(|value: f64| value / divisor)
                    .map_err(|_| bad(path, row, "x, y, z", text, "a number, or empty")),
            };
            let point = |row: usize| Ok([number(&x, row)?, number(&y, row)?, number(&z, row)?]);
            return (0..self.nodes.len()).map(point).collect::<Result<_, _>>().map(Some);
        }
        Ok(None)
    }

    fn flags(&self, name: &str) -> Option<Vec<bool>> {
        let texts = self.node_texts(&[name])?;
        Some(texts.iter().map(|text| ["1", "true", "True"].contains(&text.as_str())).collect())
    }
}

fn bad(path: &Path, row: usize, column: &str, given: &str, allowed: &str) -> Error {
    let (path, column, given) = (path.to_owned(), column.to_owned(), given.to_owned());
    Error::Cell { path, row: row + 1, column, given, allowed: allowed.to_owned() }
}
