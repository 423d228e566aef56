//! A circuit as the report draws it.

use neuroloom_core::Circuit;
use neuroloom_report::{CircuitView, Group};

/// Neurons sorted by type, then by depth (y).
pub(in crate::experiment::circuit_vae) fn view(name: String, circuit: &Circuit) -> CircuitView {
    let neurons = circuit.connectome().neurons();
    let n = neurons.len();
    let label = |row: usize| neurons.cell_type().map_or("neurons", |types| types[row].as_str());
    let depth = |row: usize| neurons.position_um().map_or(0.0, |places| places[row][1]);
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| label(a).cmp(label(b)).then(depth(a).total_cmp(&depth(b))).then(a.cmp(&b)));
    let mut rank = vec![0; n];
    order.iter().enumerate().for_each(|(place, &row)| rank[row] = place);
    let mut groups: Vec<Group> = Vec::new();
    for &row in &order {
        match groups.last_mut() {
            Some(last) if last.name == label(row) => last.size += 1,
            _ => groups.push(Group { name: label(row).to_owned(), size: 1 }),
        }
    }
    let edges = circuit.connectome().edges();
    let ends = |ends: &[u32]| ends.iter().map(|&end| rank[end as usize]).collect();
    CircuitView {
        name,
        pre: ends(&edges.pre),
        post: ends(&edges.post),
        groups,
        position_um: match neurons.position_um() {
            Some(places) if places.iter().flatten().all(|value| value.is_finite()) => {
                order.iter().map(|&row| places[row]).collect()
            }
            _ => Vec::new(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use neuroloom_core::{CircuitOrigin, Connectome, EdgeList, NeuronId, NeuronTable};

    #[test]
    fn edges_follow_their_neurons() {
        let types = ["I", "E", "E"].map(ToOwned::to_owned).to_vec();
        let places = vec![[0.0, 5.0, 0.0], [0.0, 9.0, 0.0], [0.0, 1.0, 0.0]];
        let neurons = NeuronTable::new(NeuronId::numbered(3)).unwrap().with_cell_type(types).unwrap();
        let neurons = neurons.with_position_um(places).unwrap();
        let edges = EdgeList { pre: vec![0, 1], post: vec![1, 2], ..EdgeList::default() };
        let circuit = Circuit::new(Connectome::new(neurons, edges).unwrap(), CircuitOrigin::default());
        let view = view("one".to_owned(), &circuit);
        // Order: 2 (E, shallow), 1 (E, deep), 0 (I).
        assert_eq!((view.pre, view.post), (vec![2, 1], vec![1, 0]));
        assert_eq!(
            view.groups,
            [Group { name: "E".to_owned(), size: 2 }, Group { name: "I".to_owned(), size: 1 }]
        );
        assert_eq!(view.position_um[0][1], 1.0);
    }
}
