//! Connectomes, truths, models and arrays: read(write(x)) == x, and the same bytes each time.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests are tests too")]

use std::collections::BTreeMap;

use ndarray::{Array2, ArrayD, IxDyn};
use neuroloom_core::{
    Activation, AssemblyType, Connectome, EdgeList, EdgeMask, Modulation, ModulationMode, NeuronId,
    NeuronTable, TransferKind, Truth,
};
use neuroloom_io::{
    ConnectomeOptions, Precision, Tensors, read_array, read_connectome, read_safetensors, read_truth,
    read_weight_matrix, write_connectome, write_npz, write_safetensors, write_truth,
};
use proptest::collection::{btree_map, hash_set, vec};
use proptest::option;
use proptest::prelude::*;

fn neuron_id() -> impl Strategy<Value = NeuronId> {
    prop_oneof![
        any::<i64>().prop_map(NeuronId::Integer),
        "[A-Za-z][ -~]{0,6}[A-Za-z?\",]".prop_map(|name| NeuronId::parse(&name)),
    ]
}

fn axis() -> impl Strategy<Value = f64> {
    prop_oneof![5 => -1e6..1e6, 1 => Just(f64::NAN)]
}

prop_compose! {
    fn neurons()(ids in hash_set(neuron_id(), 1..12))(
        types in option::of(vec("[a-zA-Z, \"]{0,3}[a-z]|", ids.len())),
        positions in option::of(vec([axis(), axis(), axis()], ids.len())),
        ids in Just(ids),
    ) -> NeuronTable {
        let mut table = NeuronTable::new(ids.into_iter().collect()).unwrap();
        if let Some(types) = types {
            table = table.with_cell_type(types.iter().map(|one| one.trim().to_owned()).collect()).unwrap();
        }
        if let Some(positions) = positions {
            table = table.with_position_um(positions).unwrap();
        }
        table
    }
}

prop_compose! {
    fn connectome()(neurons in neurons())(
        pairs in hash_set((0..neurons.len() as u32, 0..neurons.len() as u32, "chemical|electrical"), 0..20),
        columns in any::<[bool; 4]>(),
        seeds in vec((0.0_f32..1e6, -1_i8..=1, -1e30_f32..1e30), 20),
        masks in [option::of(vec(any::<bool>(), neurons.len())), option::of(vec(any::<bool>(), neurons.len()))],
        neurons in Just(neurons),
    ) -> Connectome {
        let mut edges = EdgeList::default();
        let mut known = std::collections::HashSet::new();
        for ((pre, post, kind), (count, sign, weight)) in pairs.into_iter().zip(seeds) {
            // Without a column of kinds a pair of neurons has one edge.
            if !known.insert((pre, post, if columns[3] { kind.clone() } else { String::new() })) {
                continue;
            }
            edges.pre.push(pre);
            edges.post.push(post);
            edges.syn_count.extend(columns[0].then_some(count));
            edges.sign.extend(columns[1].then_some(sign));
            edges.weight.extend(columns[2].then_some(weight));
            edges.kind.extend(columns[3].then_some(kind));
        }
        let [pre_observed, post_observed] = masks;
        Connectome::new(neurons, edges).unwrap().with_observed(EdgeMask { pre_observed, post_observed })
    }
}

/// Equality in which a missing coordinate equals itself.
fn same(a: &Connectome, b: &Connectome) -> bool {
    let bits = |connectome: &Connectome| -> Option<Vec<u64>> {
        let positions = connectome.neurons().position_um()?;
        Some(positions.iter().flatten().map(|axis| if axis.is_nan() { 1 } else { axis.to_bits() }).collect())
    };
    a.neurons().id() == b.neurons().id()
        && a.neurons().cell_type() == b.neurons().cell_type()
        && bits(a) == bits(b)
        && a.edges() == b.edges()
        && a.observed() == b.observed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn connectomes(connectome in connectome()) {
        let folder = tempfile::tempdir().unwrap();
        write_connectome(folder.path(), &connectome).unwrap();
        let import = read_connectome(folder.path(), &ConnectomeOptions::default()).unwrap();
        prop_assert!(same(&import.connectome, &connectome), "{:?} {:?}", import.connectome, connectome);
        let summary = import.summary;
        prop_assert_eq!(summary.n_rows, summary.n_edges + summary.n_merged + summary.n_dangling);
        let bytes = std::fs::read(folder.path().join("edges.csv.gz")).unwrap();
        write_connectome(folder.path(), &connectome).unwrap();
        prop_assert_eq!(std::fs::read(folder.path().join("edges.csv.gz")).unwrap(), bytes);
    }

    #[test]
    fn models(
        tensors in btree_map("[a-z/_]{1,8}", vec(-1e3_f32..1e3, 6), 0..5),
        metadata in btree_map("[a-z]{1,5}", "[ -~\n\u{e9}]{0,8}", 0..5),
    ) {
        let shape = |values: Vec<f32>| {
            let values = values.into_iter().map(f64::from).collect();
            ArrayD::from_shape_vec(IxDyn(&[2, 3]), values).unwrap()
        };
        let tensors: BTreeMap<_, _> = tensors.into_iter().map(|(name, values)| (name, shape(values))).collect();
        let model = Tensors { tensors, metadata };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        for precision in [Precision::F32, Precision::F64] {
            write_safetensors(&path, &model, precision).unwrap();
            prop_assert_eq!(&read_safetensors(&path).unwrap(), &model);
            let bytes = std::fs::read(&path).unwrap();
            write_safetensors(&path, &model, precision).unwrap();
            prop_assert_eq!(std::fs::read(&path).unwrap(), bytes);
        }
    }

    #[test]
    fn arrays(shape in vec(0..4_usize, 0..4), first in -1e30_f32..1e30) {
        let mut value = first;
        let values = ArrayD::from_shape_simple_fn(IxDyn(&shape), || { value = -value * 0.7; value });
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.npz");
        write_npz(&path, &[("other", (&values).into()), ("values", values.mapv(f64::from).into())]).unwrap();
        prop_assert_eq!(read_array(&path, Some("values")).unwrap(), values);
    }
}

fn truth(modulation: Option<Modulation>) -> Truth {
    let types = [0.5, 2.0].map(|width| AssemblyType { width, offset: 1.0 / 3.0, ..AssemblyType::default() });
    Truth {
        weight_matrix: Array2::from_shape_fn((3, 3), |(post, pre)| post as f32 - 0.1 * pre as f32),
        cell_type: vec![0, 1, 1],
        types: types.to_vec(),
        transfer: TransferKind::Receiver,
        activation: Activation::Sigmoid,
        modulation,
        noise_std: 0.1,
        dt_s: 1e-3,
    }
}

#[test]
fn truths() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("truth.npz");
    let values = Array2::from_shape_fn((4, 3), |(slice, neuron)| (slice * neuron) as f32);
    let modulation = Modulation { mode: ModulationMode::Additive, values, n_frames: 50_000, positions: None };
    let positions = Array2::from_shape_fn((3, 2), |(neuron, axis)| (10 * neuron + axis) as f32);
    let placed = Modulation { positions: Some(positions), ..modulation.clone() };
    for truth in [truth(None), truth(Some(modulation)), truth(Some(placed))] {
        write_truth(&path, &truth).unwrap();
        assert_eq!(read_truth(&path).unwrap(), truth);
        assert_eq!(read_weight_matrix(&path, None).unwrap(), truth.weight_matrix);
        let bytes = std::fs::read(&path).unwrap();
        write_truth(&path, &truth).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
    }
}
