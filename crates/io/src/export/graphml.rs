//! GraphML that networkx, igraph and Gephi open.

use std::path::Path;

use neuroloom_core::Connectome;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::{edge_attributes, node_attributes};
use crate::Error;
use crate::atomic::AtomicFile;
use crate::connectome::check_ids;
use crate::error::io_error;

pub(super) fn write(path: &Path, connectome: &Connectome) -> Result<(), Error> {
    check_ids(path, connectome.neurons().id())?;
    let mut writer = Writer::new_with_indent(AtomicFile::create(path)?, b' ', 1);
    document(&mut writer, connectome).map_err(io_error("write", path))?;
    writer.into_inner().commit()
}

type Xml = Writer<AtomicFile>;

fn document(xml: &mut Xml, connectome: &Connectome) -> std::io::Result<()> {
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let mut root = BytesStart::new("graphml");
    root.push_attribute(("xmlns", "http://graphml.graphdrawing.org/xmlns"));
    xml.write_event(Event::Start(root))?;
    keys(xml, connectome)?;
    let mut graph = BytesStart::new("graph");
    graph.push_attribute(("edgedefault", "directed"));
    xml.write_event(Event::Start(graph))?;
    let ids: Vec<String> = connectome.neurons().id().iter().map(ToString::to_string).collect();
    for (row, id) in ids.iter().enumerate() {
        let mut node = BytesStart::new("node");
        node.push_attribute(("id", id.as_str()));
        xml.write_event(Event::Start(node))?;
        data(xml, &node_attributes(connectome, row))?;
        xml.write_event(Event::End(BytesEnd::new("node")))?;
    }
    let edges = connectome.edges();
    for edge in 0..edges.len() {
        let mut tag = BytesStart::new("edge");
        tag.push_attribute(("source", ids[edges.pre[edge] as usize].as_str()));
        tag.push_attribute(("target", ids[edges.post[edge] as usize].as_str()));
        xml.write_event(Event::Start(tag))?;
        data(xml, &edge_attributes(connectome, edge))?;
        xml.write_event(Event::End(BytesEnd::new("edge")))?;
    }
    xml.write_event(Event::End(BytesEnd::new("graph")))?;
    xml.write_event(Event::End(BytesEnd::new("graphml")))
}

/// Which attributes nodes and edges have, and their types.
fn keys(xml: &mut Xml, connectome: &Connectome) -> std::io::Result<()> {
    let of_nodes = node_attributes(connectome, 0).into_iter().map(|(name, _)| ("node", name));
    let first_edge = if connectome.edges().is_empty() { Vec::new() } else { edge_attributes(connectome, 0) };
    let of_edges = first_edge.into_iter().map(|(name, _)| ("edge", name));
    for (domain, name) in of_nodes.chain(of_edges) {
        let mut key = BytesStart::new("key");
        key.push_attribute(("id", name));
        key.push_attribute(("for", domain));
        key.push_attribute(("attr.name", name));
        key.push_attribute(("attr.type", attribute_type(name)));
        xml.write_event(Event::Empty(key))?;
    }
    Ok(())
}

fn attribute_type(name: &str) -> &'static str {
    match name {
        "cell_type" | "kind" => "string",
        "sign" | "pre_observed" | "post_observed" => "int",
        _ => "double",
    }
}

fn data(xml: &mut Xml, attributes: &[(&str, String)]) -> std::io::Result<()> {
    // An absent number is left out: networkx cannot read an empty one.
    let kept =
        attributes.iter().filter(|(name, value)| !value.is_empty() || attribute_type(name) == "string");
    for (name, value) in kept {
        let mut data = BytesStart::new("data");
        data.push_attribute(("key", *name));
        xml.write_event(Event::Start(data))?;
        xml.write_event(Event::Text(BytesText::new(value)))?;
        xml.write_event(Event::End(BytesEnd::new("data")))?;
    }
    Ok(())
}
