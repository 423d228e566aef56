//! A SONATA network of one population: `nodes.h5`, `edges.h5`, `node_types.csv`, `edge_types.csv`.

use std::path::Path;

use hdf5_pure::{AttrValue, FileBuilder, GroupBuilder};
use neuroloom_core::Connectome;

use super::{folder, integers};
use crate::connectome::check_ids;
use crate::error::corrupt;
use crate::{Error, write_atomic};

const POPULATION: &str = "neurons";

pub(super) fn write(dir: &Path, connectome: &Connectome) -> Result<(), Error> {
    folder(dir)?;
    check_ids(dir, connectome.neurons().id())?;
    let path = dir.join("nodes.h5");
    write_atomic(&path, &nodes(connectome).map_err(corrupt(&path, "HDF5"))?)?;
    let path = dir.join("edges.h5");
    write_atomic(&path, &edges(connectome).map_err(corrupt(&path, "HDF5"))?)?;
    let types = |column: &str, model: &str| format!("{column} {model}\n0 point_neuron\n");
    write_atomic(&dir.join("node_types.csv"), types("node_type_id", "model_type").as_bytes())?;
    write_atomic(&dir.join("edge_types.csv"), b"edge_type_id model_template\n0 NULL\n")
}

type Written = Result<Vec<u8>, hdf5_pure::Error>;

fn nodes(connectome: &Connectome) -> Written {
    let (neurons, observed) = (connectome.neurons(), connectome.observed());
    let n = neurons.len();
    let mut builder = file();
    let mut root = builder.create_group("nodes");
    let mut population = root.create_group(POPULATION);
    groups(&mut population, "node", n);
    population.create_dataset("node_id").with_u64_data(&(0..n as u64).collect::<Vec<_>>());
    let mut group = population.create_group("0");
    match integers(neurons.id()) {
        Some(ids) => drop(group.create_dataset("neuron_id").with_i64_data(&ids)),
        None => texts(&mut group, "neuron_id", neurons.id().iter().map(ToString::to_string)),
    }
    if let Some(types) = neurons.cell_type() {
        texts(&mut group, "cell_type", types.iter().cloned());
    }
    if let Some(positions) = neurons.position_um() {
        for (axis, name) in ["x", "y", "z"].into_iter().enumerate() {
            let values: Vec<f64> = positions.iter().map(|position| position[axis]).collect();
            group.create_dataset(name).with_f64_data(&values);
        }
    }
    for (name, flags) in
        [("pre_observed", &observed.pre_observed), ("post_observed", &observed.post_observed)]
    {
        if let Some(flags) = flags {
            let values: Vec<u8> = flags.iter().map(|&flag| u8::from(flag)).collect();
            group.create_dataset(name).with_u8_data(&values);
        }
    }
    population.add_group(group.finish());
    root.add_group(population.finish());
    builder.add_group(root.finish());
    builder.finish()
}

fn edges(connectome: &Connectome) -> Written {
    let edges = connectome.edges();
    let n = edges.len();
    let mut builder = file();
    let mut root = builder.create_group("edges");
    let mut population = root.create_group(&format!("{POPULATION}_to_{POPULATION}"));
    groups(&mut population, "edge", n);
    for (name, ends) in [("source_node_id", &edges.pre), ("target_node_id", &edges.post)] {
        let ends: Vec<u64> = ends.iter().map(|&end| u64::from(end)).collect();
        population
            .create_dataset(name)
            .with_u64_data(&ends)
            .set_attr("node_population", AttrValue::AsciiString(POPULATION.to_owned()));
    }
    let mut group = population.create_group("0");
    if !edges.syn_count.is_empty() {
        group.create_dataset("nsyns").with_f32_data(&edges.syn_count);
    }
    if !edges.weight.is_empty() {
        group.create_dataset("syn_weight").with_f32_data(&edges.weight);
    }
    if !edges.sign.is_empty() {
        group.create_dataset("sign").with_i8_data(&edges.sign);
    }
    if !edges.kind.is_empty() {
        texts(&mut group, "kind", edges.kind.iter().cloned());
    }
    population.add_group(group.finish());
    root.add_group(population.finish());
    builder.add_group(root.finish());
    builder.finish()
}

/// The marks by which SONATA files are known.
fn file() -> FileBuilder {
    let mut builder = FileBuilder::new();
    builder.set_attr("magic", AttrValue::U32(0x0A7A));
    builder.set_attr("version", AttrValue::U32Array(vec![0, 1]));
    builder
}

/// Every row is of type 0 and stands in group 0.
fn groups(population: &mut GroupBuilder, what: &str, n: usize) {
    population.create_dataset(&format!("{what}_type_id")).with_i64_data(&vec![0; n]);
    population.create_dataset(&format!("{what}_group_id")).with_i64_data(&vec![0; n]);
    population
        .create_dataset(&format!("{what}_group_index"))
        .with_u64_data(&(0..n as u64).collect::<Vec<_>>());
}

fn texts(group: &mut GroupBuilder, name: &str, texts: impl Iterator<Item = String>) {
    let texts: Vec<String> = texts.collect();
    let slices: Vec<&str> = texts.iter().map(String::as_str).collect();
    group.create_dataset(name).with_vlen_strings(&slices);
}
