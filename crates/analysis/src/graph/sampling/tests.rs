use std::collections::{HashMap, HashSet};

use neuroloom_core::{CircuitPart, Connectome, EdgeList, EdgeMask, NeuronId, NeuronTable, Seed, Silent};
use proptest::prelude::*;
use rand::RngExt;

use super::*;

/// Neurons at random in a slab 400 x 1000 x 300 um, wired to the others at random; every tenth to itself too.
fn tissue(n_neurons: usize, seed: u64) -> Connectome {
    let mut rng = Seed(seed).rng();
    let position = |_| [400.0, 1000.0, 300.0].map(|side: f64| rng.random_range(0.0..side));
    let position_um: Vec<[f64; 3]> = (0..n_neurons).map(position).collect();
    let kind = |neuron: usize| if neuron.is_multiple_of(5) { "i" } else { "e" }.to_owned();
    let neurons = NeuronTable::new((0..n_neurons as i64).map(|id| NeuronId::from(1000 + id)).collect())
        .and_then(|table| table.with_position_um(position_um))
        .and_then(|table| table.with_cell_type((0..n_neurons).map(kind).collect()))
        .unwrap();
    let mut edges = EdgeList::default();
    for pre in 0..n_neurons as u32 {
        for step in 1..=12 {
            edges.pre.push(pre);
            edges.post.push((pre + step * step * 7) % n_neurons as u32);
            edges.syn_count.push(f32::from(step as u8));
        }
        if pre.is_multiple_of(10) {
            edges.pre.push(pre);
            edges.post.push(pre);
            edges.syn_count.push(1.0);
        }
    }
    let traced = (0..n_neurons).map(|neuron| neuron < n_neurons / 2).collect();
    let observed = EdgeMask { pre_observed: Some(traced), post_observed: None };
    Connectome::new(neurons, edges).unwrap().with_observed(observed)
}

fn small(sampler: Sampler) -> SamplingConfig {
    SamplingConfig {
        sampler,
        n_circuits: 24,
        n_neurons: 15..=25,
        max_overlap: 0.9,
        fractions: [0.5, 0.2, 0.3],
        ..SamplingConfig::default()
    }
}

const SAMPLERS: [Sampler; 8] = [
    Sampler::Cylinder { axis: Axis::Y },
    Sampler::Ball,
    Sampler::Cube,
    Sampler::Nearest,
    Sampler::Hops { n_hops: 2, direction: Direction::Both },
    Sampler::Ego { direction: Direction::Both },
    Sampler::RandomWalk { restart: 0.15 },
    Sampler::Uniform,
];

#[test]
fn every_sampler_cuts_induced_circuits_of_the_asked_size() {
    let source = tissue(600, 1);
    let position: HashMap<&NeuronId, usize> = source.neurons().index();
    let edges = source.edges();
    let all: HashSet<(u32, u32)> =
        edges.pre.iter().copied().zip(edges.post.iter().copied()).filter(|(pre, post)| pre != post).collect();
    for sampler in SAMPLERS {
        // A hop or an ego in a slab of 120 neurons has few partners.
        let config = SamplingConfig { n_neurons: 4..=25, max_overlap: 1.0, ..small(sampler) };
        let sample = sample_circuits(&source, &config, Seed(3), &Silent).unwrap();
        assert_eq!(sample.set.len(), 24, "{sampler:?}");
        for circuit in sample.set.circuits() {
            let connectome = circuit.connectome();
            assert!(config.n_neurons.contains(&circuit.n_neurons()), "{sampler:?}");
            let old: Vec<u32> = connectome.neurons().id().iter().map(|id| position[id] as u32).collect();
            let members: HashSet<u32> = old.iter().copied().collect();
            let kept = connectome.edges();
            let found: HashSet<(u32, u32)> = kept
                .pre
                .iter()
                .zip(&kept.post)
                .map(|(&pre, &post)| (old[pre as usize], old[post as usize]))
                .collect();
            let induced: HashSet<(u32, u32)> = all
                .iter()
                .copied()
                .filter(|(pre, post)| members.contains(pre) && members.contains(post))
                .collect();
            assert_eq!(found, induced, "{sampler:?}");
            assert_eq!(kept.syn_count.len(), kept.len());
            let traced = connectome.observed().pre_observed.as_ref().unwrap();
            assert!(old.iter().zip(traced).all(|(&neuron, &traced)| traced == (neuron < 300)));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn separated_parts_share_no_neuron(
        seed in any::<u64>(), which in 0..SAMPLERS.len(), in_space in any::<bool>(), test_share in 0.2..0.5_f64
    ) {
        let separation = if in_space { Separation::Space } else { Separation::Neurons };
        let config = SamplingConfig {
            separation,
            n_neurons: 3..=25,
            max_overlap: 1.0,
            fractions: [0.8 - test_share, 0.2, test_share],
            ..small(SAMPLERS[which])
        };
        let sample = sample_circuits(&tissue(500, seed), &config, Seed(seed), &Silent).unwrap();
        for [one, other] in [[0, 1], [0, 2], [1, 2]] {
            let parts = (CircuitPart::ALL[one], CircuitPart::ALL[other]);
            prop_assert_eq!(sample.set.n_shared_neurons(parts.0, parts.1), 0);
        }
        prop_assert_eq!(sample.summary.n_shared_train_test, 0);
        let n_test = sample.set.of_part(CircuitPart::Test).count();
        prop_assert_eq!(n_test, (test_share * 24.0).round() as usize);
    }

    #[test]
    fn circuits_overlap_no_more_than_allowed(seed in any::<u64>(), max_overlap in 0.1..0.8_f64) {
        let config = SamplingConfig { max_overlap, ..small(Sampler::Ball) };
        let sample = sample_circuits(&tissue(500, seed), &config, Seed(seed), &Silent).unwrap();
        for part in CircuitPart::ALL {
            let ids = |circuit: &Circuit| circuit.connectome().neurons().id().iter().cloned().collect::<HashSet<_>>();
            let sets: Vec<HashSet<NeuronId>> = sample.set.of_part(part).map(ids).collect();
            for (place, one) in sets.iter().enumerate() {
                for other in &sets[..place] {
                    let shared = one.intersection(other).count() as f64;
                    prop_assert!(shared / (one.union(other).count() as f64) <= max_overlap);
                }
            }
        }
    }
}

#[test]
fn a_cylinder_holds_exactly_the_neurons_within_its_radius() {
    let source = tissue(600, 5);
    let config =
        SamplingConfig { separation: Separation::None, ..small(Sampler::Cylinder { axis: Axis::Y }) };
    let sample = sample_circuits(&source, &config, Seed(9), &Silent).unwrap();
    let positions = source.neurons().position_um().unwrap();
    for circuit in sample.set.circuits() {
        let (center, radius) = (circuit.origin().center_um.unwrap(), circuit.origin().radius_um.unwrap());
        let lateral = |at: &[f64; 3]| ((at[0] - center[0]).powi(2) + (at[2] - center[2]).powi(2)).sqrt();
        assert_eq!(positions.iter().filter(|at| lateral(at) <= radius).count(), circuit.n_neurons());
        let own = circuit.connectome().neurons().position_um().unwrap();
        assert!(own.iter().all(|at| lateral(at) <= radius));
    }
}

#[test]
fn a_random_split_owns_up_to_its_leak() {
    let config = SamplingConfig { separation: Separation::None, ..small(Sampler::Ball) };
    let sample = sample_circuits(&tissue(300, 2), &config, Seed(2), &Silent).unwrap();
    assert!(sample.summary.n_shared_train_test > 20, "{:?}", sample.summary);
    assert!(sample.summary.warnings().iter().any(|warning| warning.code == "shared-neurons"));
    assert_eq!(sample.set.of_part(CircuitPart::Test).count(), 7);
}

#[test]
fn the_ego_keeps_its_strongest_partners() {
    let source = tissue(600, 1);
    let config = SamplingConfig {
        n_neurons: 5..=5,
        separation: Separation::None,
        ..small(Sampler::Ego { direction: Direction::Out })
    };
    let sample = sample_circuits(&source, &config, Seed(4), &Silent).unwrap();
    for circuit in sample.set.circuits() {
        // The four strongest outputs have 12, 11, 10 and 9 synapses and lead 7 step^2 neurons on.
        let ids: HashSet<i64> =
            circuit.connectome().neurons().id().iter().map(|id| id.to_string().parse().unwrap()).collect();
        let is_ego = |ego: &&i64| {
            (9..=12).all(|step: i64| ids.contains(&(1000 + (*ego - 1000 + 7 * step * step) % 600)))
        };
        assert!(ids.iter().any(|ego| is_ego(&ego)), "{ids:?}");
    }
}

#[test]
fn a_crowded_tissue_gives_fewer_circuits_and_says_so() {
    let config = SamplingConfig { n_circuits: 200, max_overlap: 0.05, ..small(Sampler::Nearest) };
    let sample = sample_circuits(&tissue(300, 2), &config, Seed(2), &Silent).unwrap();
    assert!(sample.set.len() < 200);
    assert!(sample.summary.warnings().iter().any(|warning| warning.code == "fewer-circuits"));
}

#[test]
fn only_eligible_neurons_enter() {
    let config = SamplingConfig {
        eligible: Eligible::Traced,
        cell_types: vec!["e".to_owned()],
        separation: Separation::None,
        ..small(Sampler::Ball)
    };
    let sample = sample_circuits(&tissue(300, 2), &config, Seed(2), &Silent).unwrap();
    assert_eq!(sample.summary.n_eligible, 120);
    for circuit in sample.set.circuits() {
        let connectome = circuit.connectome();
        assert!(connectome.neurons().cell_type().unwrap().iter().all(|name| name == "e"));
        assert!(connectome.observed().pre_observed.as_ref().unwrap().iter().all(|&traced| traced));
    }
}

#[test]
fn settings_outside_their_range_are_refused() {
    let source = tissue(100, 1);
    let base = small(Sampler::Ball);
    let refused =
        |config: SamplingConfig| sample_circuits(&source, &config, Seed(1), &Silent).unwrap_err().to_string();
    assert!(refused(SamplingConfig { n_neurons: 1..=5, ..base.clone() }).contains("1 to 5"));
    assert!(refused(SamplingConfig { n_circuits: 0, ..base.clone() }).contains("number of circuits"));
    assert!(refused(SamplingConfig { max_overlap: 1.5, ..base.clone() }).contains("1.5"));
    assert!(refused(SamplingConfig { fractions: [0.5, 0.1, 0.1], ..base.clone() }).contains("add up to 1"));
    assert!(refused(SamplingConfig { n_neurons: 80..=90, ..base.clone() }).contains("training part"));
    assert!(
        refused(SamplingConfig { cell_types: vec!["x".to_owned()], ..base.clone() }).contains("one of: e, i")
    );
    let bare =
        Connectome::new(NeuronTable::new(NeuronId::numbered(50)).unwrap(), EdgeList::default()).unwrap();
    let error = sample_circuits(&bare, &base, Seed(1), &Silent).unwrap_err().to_string();
    assert!(error.contains("random-walk"), "{error}");
    let error = sample_circuits(&bare, &small(Sampler::Uniform), Seed(1), &Silent).unwrap_err().to_string();
    assert!(error.contains("separation"), "{error}");
}

#[test]
fn threads_and_repeats_change_nothing() {
    let source = tissue(500, 1);
    let with = |n_threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| sample_circuits(&source, &small(Sampler::Ball), Seed(6), &Silent).unwrap())
    };
    assert_eq!(with(1), with(3));
    let other = sample_circuits(&source, &small(Sampler::Ball), Seed(7), &Silent).unwrap();
    assert_ne!(with(1).set, other.set);
}
