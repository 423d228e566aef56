//! GraphML, as networkx, igraph and neuroloom write it. Attributes with the names of table columns are used:
//! `node_id`, `cell_type`, `x_um` and so on for nodes; `n_syn`, `weight`, `sign`, `kind` for edges.

use std::collections::HashMap;
use std::path::Path;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::assembled::Assembled;
use super::document::{Attributes, Document};
use super::edge_list::text;
use crate::Error;
use crate::error::corrupt;

pub(crate) fn read(path: &Path) -> Result<Assembled, Error> {
    let mut parser = Parser::default();
    let mut reader = Reader::from_reader(text(path)?);
    let mut buffer = Vec::new();
    loop {
        let failed = corrupt(path, "GraphML");
        match reader.read_event_into(&mut buffer).map_err(&failed)? {
            Event::Start(tag) => parser.open(&attributes(path, &tag)?, tag.local_name().as_ref()),
            Event::Empty(tag) => {
                parser.open(&attributes(path, &tag)?, tag.local_name().as_ref());
                parser.close(tag.local_name().as_ref());
            }
            Event::Text(piece) => parser.data.push_str(&piece.xml_content(XmlVersion::Explicit1_0)),
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref().map_err(&failed)? {
                    Some(letter) => letter.to_string(),
                    None => quick_xml::escape::resolve_predefined_entity(&reference)
                        .unwrap_or_default()
                        .to_owned(),
                };
                parser.data.push_str(&resolved);
            }
            Event::End(tag) => parser.close(tag.local_name().as_ref()),
            Event::Eof => break,
            _ => {}
        }
        buffer.clear();
    }
    if !parser.complete {
        return Err(corrupt(path, "GraphML")("there is no complete <graph>"));
    }
    parser.document.assemble(path)
}

fn attributes(path: &Path, tag: &BytesStart<'_>) -> Result<HashMap<String, String>, Error> {
    let mut all = HashMap::new();
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(corrupt(path, "GraphML"))?;
        let name = attribute.key.local_name().as_ref().to_owned();
        let value = attribute.normalized_value(XmlVersion::Explicit1_0).map_err(corrupt(path, "GraphML"))?;
        all.insert(name, value.into_owned());
    }
    Ok(all)
}

/// Where in the document we are.
#[derive(Default)]
struct Parser {
    document: Document,
    /// From the name of a key to the name of its attribute.
    keys: HashMap<String, String>,
    /// The key of the `<data>` that is open.
    key: Option<String>,
    data: String,
    inside: Inside,
    complete: bool,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Inside {
    #[default]
    Graph,
    Node,
    Edge,
}

impl Parser {
    fn open(&mut self, attributes: &HashMap<String, String>, tag: &str) {
        let value = |name: &str| attributes.get(name).cloned().unwrap_or_default();
        match tag {
            "graph" => self.document.undirected = value("edgedefault") == "undirected",
            "key" => drop(self.keys.insert(value("id"), value("attr.name"))),
            "node" => {
                self.inside = Inside::Node;
                self.document.nodes.push((value("id"), Attributes::new()));
            }
            "edge" => {
                self.inside = Inside::Edge;
                self.document.edges.push((value("source"), value("target"), Attributes::new()));
            }
            "data" => {
                self.key = Some(value("key"));
                self.data.clear();
            }
            _ => {}
        }
    }

    fn close(&mut self, tag: &str) {
        match tag {
            "data" => self.close_data(),
            "node" | "edge" => self.inside = Inside::Graph,
            "graph" => self.complete = true,
            _ => {}
        }
    }

    fn close_data(&mut self) {
        let Some(key) = self.key.take() else { return };
        // Without a declaration a key is its own name.
        let name = self.keys.get(&key).filter(|name| !name.is_empty()).cloned().unwrap_or(key);
        let attributes = match self.inside {
            Inside::Node => self.document.nodes.last_mut().map(|(_, attributes)| attributes),
            Inside::Edge => self.document.edges.last_mut().map(|(_, _, attributes)| attributes),
            Inside::Graph => None,
        };
        if let Some(attributes) = attributes {
            attributes.insert(name, std::mem::take(&mut self.data));
        }
    }
}
