//! Sets of circuits survive the disk, whole and one by one.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use neuroloom_core::{
    Circuit, CircuitOrigin, CircuitPart, CircuitSet, Connectome, EdgeList, EdgeMask, NeuronId, NeuronTable,
};
use neuroloom_io::{open_circuit_set, read_circuit_set, write_circuit_set};
use proptest::prelude::*;

#[derive(Debug, Clone)]
struct Shape {
    names: bool,
    typed: bool,
    placed: bool,
    masked: bool,
    counted: bool,
    signed: bool,
}

fn circuit(seed: u64, n: usize, shape: &Shape) -> Circuit {
    let id = |neuron: usize| match shape.names {
        true => NeuronId::from(format!("n{seed}_{neuron}").as_str()),
        // beyond 2^53: a float would lose it
        false => NeuronId::Integer(864_691_135_000_000_000 + (seed as i64 % 1000) * 1000 + neuron as i64),
    };
    let mut neurons = NeuronTable::new((0..n).map(id).collect()).unwrap();
    if shape.typed {
        neurons = neurons.with_cell_type((0..n).map(|neuron| format!("t{}", neuron % 3)).collect()).unwrap();
    }
    if shape.placed {
        let at = |neuron: usize| [neuron as f64 * 0.1, -1.5, if neuron == 0 { 1e9 } else { 1.0 / 3.0 }];
        neurons = neurons.with_position_um((0..n).map(at).collect()).unwrap();
    }
    let mut edges = EdgeList::default();
    for pre in 0..n {
        for post in
            (0..n).filter(|post| (pre * 7 + post * 3 + seed as usize % 5).is_multiple_of(4) && *post != pre)
        {
            edges.pre.push(pre as u32);
            edges.post.push(post as u32);
            edges.syn_count.extend(shape.counted.then_some((pre + post) as f32));
            edges.weight.extend(shape.counted.then_some(0.1 * post as f32));
            edges.sign.extend(shape.signed.then_some(if pre % 2 == 0 { -1 } else { 1 }));
            edges.kind.extend(shape.signed.then(|| "chemical".to_owned()));
        }
    }
    let flags = |n: usize| (0..n).map(|neuron| neuron % 2 == 0).collect();
    let pre_observed = shape.masked.then(|| flags(n));
    let connectome = Connectome::new(neurons, edges).unwrap();
    let origin = CircuitOrigin {
        method: "cylinder".to_owned(),
        seed,
        center_um: shape.placed.then_some([1.0, 2.0, 3.5]),
        radius_um: shape.placed.then_some(0.1),
    };
    Circuit::new(connectome.with_observed(EdgeMask { pre_observed, post_observed: None }), origin)
}

fn set(sizes: &[usize], shape: &Shape, seed: u64) -> CircuitSet {
    let circuits: Vec<Circuit> =
        sizes.iter().enumerate().map(|(place, &n)| circuit(seed ^ place as u64, n, shape)).collect();
    let part = (0..sizes.len()).map(|place| CircuitPart::ALL[place % 3]).collect();
    CircuitSet::new(circuits, part).unwrap()
}

fn shapes() -> impl Strategy<Value = Shape> {
    any::<(bool, bool, bool, bool, bool, bool)>().prop_map(
        |(names, typed, placed, masked, counted, signed)| Shape {
            names,
            typed,
            placed,
            masked,
            counted,
            signed,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn what_is_written_is_read(
        sizes in prop::collection::vec(1..40_usize, 1..12), shape in shapes(), seed in any::<u64>()
    ) {
        let folder = tempfile::tempdir().unwrap();
        let set = set(&sizes, &shape, seed);
        write_circuit_set(folder.path(), &set).unwrap();
        prop_assert_eq!(&read_circuit_set(folder.path()).unwrap(), &set);
        let file = open_circuit_set(folder.path()).unwrap();
        for (place, circuit) in set.circuits().iter().enumerate() {
            prop_assert_eq!(&file.circuit(place).unwrap(), circuit);
            prop_assert_eq!(file.part(place), Some(set.part()[place]));
        }
    }
}

const PLAIN: Shape =
    Shape { names: false, typed: true, placed: true, masked: false, counted: true, signed: false };

#[test]
fn a_set_of_many_row_groups_is_read_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let set = set(&[100; 450], &PLAIN, 3);
    write_circuit_set(folder.path(), &set).unwrap();
    let file = open_circuit_set(folder.path()).unwrap();
    for place in [0, 199, 200, 449] {
        assert_eq!(file.circuit(place).unwrap(), set.circuits()[place]);
    }
    assert_eq!(read_circuit_set(folder.path()).unwrap(), set);
    assert!(file.circuit(450).unwrap_err().to_string().contains("450 circuits"));
}

#[test]
fn the_same_set_gives_the_same_bytes() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let set = set(&[30, 40], &PLAIN, 3);
    for folder in &folders {
        write_circuit_set(folder.path(), &set).unwrap();
    }
    for name in ["circuits.parquet", "nodes.parquet", "edges.parquet"] {
        let bytes = folders.each_ref().map(|folder| std::fs::read(folder.path().join(name)).unwrap());
        assert_eq!(bytes[0], bytes[1], "{name}");
    }
}

#[test]
fn what_is_not_a_set_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert!(read_circuit_set(folder.path()).unwrap_err().to_string().contains("circuits.parquet"));
    let empty = write_circuit_set(folder.path(), &CircuitSet::default()).unwrap_err();
    assert!(empty.to_string().contains("without circuits"), "{empty}");
    let mixed = vec![circuit(1, 5, &PLAIN), circuit(2, 5, &Shape { typed: false, ..PLAIN })];
    let mixed = write_circuit_set(folder.path(), &CircuitSet::unsplit(mixed)).unwrap_err();
    assert!(mixed.to_string().contains("other columns"), "{mixed}");
    write_circuit_set(folder.path(), &set(&[5, 6], &PLAIN, 1)).unwrap();
    let index = std::fs::read(folder.path().join("circuits.parquet")).unwrap();
    std::fs::write(folder.path().join("circuits.parquet"), &index[..index.len() / 2]).unwrap();
    assert!(read_circuit_set(folder.path()).is_err());
}
