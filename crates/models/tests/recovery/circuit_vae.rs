//! The model of circuits: the order of neurons means nothing, a run that was interrupted ends with the same bits, and
//! what circuits differ by beyond their conditions is found in the code.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use std::sync::Mutex;

use neuroloom_core::{
    Circuit, CircuitOrigin, CircuitPart, CircuitSet, Connectome, EdgeList, EdgeMask, Event, Listener,
    NeuronId, NeuronTable, Seed, Silent,
};
use neuroloom_models::Error;
use neuroloom_models::circuit_vae::{
    Checkpoints, CircuitVae, CircuitVaeConfig, EvaluationConfig, Form, NoCheckpoints, Strengths,
    TrainingConfig, TrainingHistory, reconstruction, train,
};
use neuroloom_nn::checkpoint::Checkpoint;
use rand::RngExt;
use rand::seq::SliceRandom;

/// What the circuits of a planted set differ by.
#[derive(Clone, Copy, PartialEq)]
enum Factor {
    /// Mutual pairs, from none to as many as there are one-way ones.
    Reciprocity,
    /// Nothing beyond chance.
    None,
}

/// Circuits of two types whose edges depend on distance and type, with a factor of each circuit.
fn planted(n_circuits: usize, factor: Factor, seed: u64) -> (CircuitSet, Vec<f64>) {
    let mut factors = Vec::new();
    let circuits = (0..n_circuits as u64)
        .map(|index| {
            let mut rng = Seed(seed).nth(index).rng();
            let share = if factor == Factor::Reciprocity { rng.random::<f64>() } else { 0.5 };
            factors.push(share);
            circuit(30, share, &mut rng)
        })
        .collect();
    let part = |index: usize| match index % 5 {
        0 => CircuitPart::Test,
        1 => CircuitPart::Validation,
        _ => CircuitPart::Train,
    };
    (CircuitSet::new(circuits, (0..n_circuits).map(part).collect()).unwrap(), factors)
}

fn circuit(n: usize, share: f64, rng: &mut impl RngExt) -> Circuit {
    let position: Vec<[f64; 3]> = (0..n).map(|_| [0; 3].map(|_| 200.0 * rng.random::<f64>())).collect();
    let labels: Vec<String> = (0..n).map(|row| if row % 3 == 0 { "i" } else { "e" }.to_owned()).collect();
    let mut edges = EdgeList::default();
    for i in 0..n {
        for j in i + 1..n {
            let square: f64 = (0..3).map(|axis| (position[i][axis] - position[j][axis]).powi(2)).sum();
            if rng.random::<f64>() < 0.5 * (-square.sqrt() / 120.0).exp() {
                let mutual = rng.random::<f64>() < share;
                let there = rng.random::<bool>();
                for (pre, post, wanted) in [(i, j, mutual || there), (j, i, mutual || !there)] {
                    if wanted {
                        edges.pre.push(pre as u32);
                        edges.post.push(post as u32);
                        edges.syn_count.push(if labels[pre] == "i" { 4.0 } else { 1.0 });
                    }
                }
            }
        }
    }
    let ids = (0..n).map(|_| NeuronId::from(rng.random::<u32>() as i64 + (1_i64 << 40))).collect();
    let neurons =
        NeuronTable::new(ids).unwrap().with_cell_type(labels).unwrap().with_position_um(position).unwrap();
    Circuit::new(Connectome::new(neurons, edges).unwrap(), CircuitOrigin::default())
}

fn small(form: Form) -> CircuitVaeConfig {
    CircuitVaeConfig {
        form,
        latent: 4,
        width: 16,
        pair_width: 16,
        slots: 32,
        training: TrainingConfig { epochs: 4, batch: 8, ..TrainingConfig::default() },
        ..CircuitVaeConfig::default()
    }
}

/// The same circuit with its neurons in another order, and where each went.
fn shuffled(circuit: &Circuit, seed: u64) -> (Circuit, Vec<usize>) {
    let mut rows: Vec<usize> = (0..circuit.n_neurons()).collect();
    rows.shuffle(&mut Seed(seed).rng());
    let connectome = circuit.connectome();
    let mut place = vec![0_u32; rows.len()];
    rows.iter().enumerate().for_each(|(to, &from)| place[from] = to as u32);
    let mut edges = connectome.edges().clone();
    for end in edges.pre.iter_mut().chain(edges.post.iter_mut()) {
        *end = place[*end as usize];
    }
    let neurons = connectome.neurons().select(&rows).unwrap();
    let moved = Connectome::new(neurons, edges).unwrap().with_observed(connectome.observed().select(&rows));
    (Circuit::new(moved, CircuitOrigin::default()), rows)
}

#[test]
fn the_order_of_neurons_means_nothing_to_the_last_bit() {
    let (set, _) = planted(6, Factor::Reciprocity, 1);
    for form in [Form::Conditional, Form::Slots] {
        let (vae, _) = train(&set, &small(form), Seed(3), &NoCheckpoints, &Silent).unwrap();
        let circuit = &set.circuits()[0];
        let (moved, rows) = shuffled(circuit, 5);
        let (example, other) = (vae.example(circuit).unwrap(), vae.example(&moved).unwrap());
        let code = vae.encode(&example).unwrap();
        assert_eq!(code, vae.encode(&other).unwrap(), "{form:?}");
        let table = vae.dyads(&code.mean, Some(&example.conditions)).unwrap();
        let moved = vae.dyads(&code.mean, Some(&other.conditions)).unwrap();
        if form == Form::Conditional {
            for (i, &from) in rows.iter().enumerate() {
                for (j, &to) in rows.iter().enumerate() {
                    assert_eq!(moved.states(i, j), table.states(from, to));
                }
            }
        }
        let (there, back) = (table.states(0, 1), table.states(1, 0));
        assert_eq!([there[0], there[2], there[1], there[3]], back);
    }
}

/// Keeps the state in memory, and stops the run after some steps.
struct Memory {
    kept: Mutex<Option<Checkpoint>>,
    stop_after: u64,
    seen: Mutex<u64>,
}

impl Checkpoints for Memory {
    fn load(&self) -> Result<Option<Checkpoint>, Box<dyn std::error::Error + Send + Sync>> {
        let kept = self.kept.lock().unwrap();
        // Through bytes, as a file would.
        Ok(kept.as_ref().map(|state| Checkpoint::from_bytes(&state.to_bytes().unwrap()).unwrap()))
    }
    fn due(&self) -> bool {
        false
    }
    fn save(&self, state: &Checkpoint) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        *self.kept.lock().unwrap() = Some(state.clone());
        Ok(())
    }
}

impl Listener for Memory {
    fn emit(&self, event: Event) {
        if matches!(event, Event::Step { .. }) {
            *self.seen.lock().unwrap() += 1;
        }
    }
    fn cancelled(&self) -> bool {
        *self.seen.lock().unwrap() >= self.stop_after
    }
}

#[test]
fn interrupted_resumed_and_on_other_threads_it_ends_with_the_same_bits() {
    let (set, _) = planted(25, Factor::Reciprocity, 2);
    for form in [Form::Conditional, Form::Slots] {
        let config = CircuitVaeConfig { strengths: Strengths::Counted, ..small(form) };
        let run = |threads: usize| -> (CircuitVae, TrainingHistory) {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| train(&set, &config, Seed(3), &NoCheckpoints, &Silent).unwrap())
        };
        let straight = run(1);
        assert!(straight == run(2), "{form:?}: threads");
        let mut memory = Memory { kept: Mutex::new(None), stop_after: 3, seen: Mutex::new(0) };
        let stopped = train(&set, &config, Seed(3), &memory, &memory);
        assert!(matches!(stopped, Err(Error::Interrupted { .. })));
        assert!(memory.kept.lock().unwrap().is_some());
        memory.stop_after = u64::MAX;
        let resumed = train(&set, &config, Seed(3), &memory, &memory).unwrap();
        assert!(straight == resumed, "{form:?}: resumed");
    }
}

#[test]
fn a_code_repays_itself_where_circuits_differ_and_not_where_they_do_not() {
    let config = CircuitVaeConfig {
        training: TrainingConfig {
            epochs: 40,
            learning_rate: 4e-3,
            warm_up: 0.2,
            patience: 0,
            // The bound itself: below 1 a code may carry more than it repays.
            beta: 1.0,
            ..TrainingConfig::default()
        },
        ..small(Form::Conditional)
    };
    let score = |factor| {
        let (set, factors) = planted(150, factor, 7);
        let (vae, _) = train(&set, &config, Seed(3), &NoCheckpoints, &Silent).unwrap();
        let settings = EvaluationConfig { resamples: 50, tree_pairs: 20_000, ..EvaluationConfig::default() };
        (reconstruction(&vae, &set, &settings, Seed(1), &Silent).unwrap(), vae, set, factors)
    };
    let (scores, vae, set, factors) = score(Factor::Reciprocity);
    assert!(scores.rate.kl > 1.0 && !scores.rate.collapsed, "{:?}", scores.rate);
    assert!(scores.rate.bits_per_edge_net > 0.005, "{:?}", scores.rate);
    assert_eq!(scores.n_shared_neurons, 0);
    let trees = scores.predictor("boosted-trees").unwrap();
    assert!(scores.code.auroc.value > trees.scores.auroc.value - 0.02, "{:?} {trees:?}", scores.code);
    // What was planted can be read off the decoded circuit of each unseen one.
    let (mut made, mut planted_share) = (Vec::new(), Vec::new());
    for (index, circuit) in set.circuits().iter().enumerate().filter(|(index, _)| index % 5 == 0) {
        let example = vae.example(circuit).unwrap();
        let table = vae.dyads(&vae.encode(&example).unwrap().mean, Some(&example.conditions)).unwrap();
        made.push(2.0 * table.expected_mutual() / table.expected_edges());
        planted_share.push(factors[index]);
    }
    let correlation = neuroloom_analysis::metrics::regression::pearson(&made, &planted_share).unwrap();
    assert!(correlation > 0.8, "{correlation}");
    let (nothing, ..) = score(Factor::None);
    assert!(nothing.rate.kl < 0.5 * scores.rate.kl, "{:?} {:?}", nothing.rate, scores.rate);
    let (with, without) = (scores.rate.bits_per_edge_net, nothing.rate.bits_per_edge_net);
    assert!(without < 0.25 * with, "{without} {with}");
}

#[test]
fn a_mask_is_not_learned_from() {
    let (set, _) = planted(10, Factor::Reciprocity, 4);
    let mask = |keep: bool| {
        let circuits = set.circuits().iter().map(|circuit| {
            let connectome = circuit.connectome();
            let n = circuit.n_neurons();
            let traced: Vec<bool> = (0..n).map(|row| row % 2 == 0).collect();
            let edges = connectome.edges();
            let rows: Vec<usize> =
                (0..edges.len()).filter(|&edge| keep || traced[edges.pre[edge] as usize]).collect();
            let kept = Connectome::new(connectome.neurons().clone(), edges.select(&rows)).unwrap();
            let observed = EdgeMask { pre_observed: Some(traced), post_observed: None };
            Circuit::new(kept.with_observed(observed), CircuitOrigin::default())
        });
        CircuitSet::new(circuits.collect(), set.part().to_vec()).unwrap()
    };
    let (vae, history) =
        train(&mask(false), &small(Form::Conditional), Seed(3), &NoCheckpoints, &Silent).unwrap();
    assert!(history.points.iter().all(|point| point.loss.is_finite()));
    // Edges that could not have been seen, were they in the table, are as if they were not.
    let (other, _) = train(&mask(true), &small(Form::Conditional), Seed(3), &NoCheckpoints, &Silent).unwrap();
    assert!(vae == other);
    let scores = reconstruction(
        &vae,
        &mask(false),
        &EvaluationConfig { tree_pairs: 0, resamples: 20, ..EvaluationConfig::default() },
        Seed(1),
        &Silent,
    )
    .unwrap();
    assert_eq!(scores.n_pairs, 2 * 15 * 29, "two test circuits, fifteen traced neurons each");
}

#[test]
fn generated_circuits_follow_their_probabilities() {
    let (set, _) = planted(20, Factor::Reciprocity, 8);
    for form in [Form::Conditional, Form::Slots] {
        let config = CircuitVaeConfig { strengths: Strengths::Counted, ..small(form) };
        let (calibrated, _) = train(&set, &config, Seed(3), &NoCheckpoints, &Silent).unwrap();
        assert!(!calibrated.calibration().is_none());
        let vae = calibrated.uncalibrated();
        let example = vae.example(&set.circuits()[0]).unwrap();
        let z = vec![0.0; 4];
        let table = vae.dyads(&z, Some(&example.conditions)).unwrap();
        let drawn: Vec<Circuit> =
            (0..200).map(|seed| vae.generate(&z, Some(&example.conditions), Seed(seed)).unwrap()).collect();
        let mean = drawn.iter().map(|one| one.n_edges() as f64).sum::<f64>() / 200.0;
        let expected = table.expected_edges();
        assert!((mean - expected).abs() < 0.05 * expected + 1.0, "{form:?}: {mean} {expected}");
        assert!(drawn[0].connectome().edges().syn_count.iter().all(|count| *count >= 1.0));
        assert_eq!(drawn[0], vae.generate(&z, Some(&example.conditions), Seed(0)).unwrap());
        if form == Form::Slots {
            let alone = vae.generate(&z, None, Seed(1)).unwrap();
            assert!((1..=32).contains(&alone.n_neurons()));
        } else {
            assert!(matches!(vae.generate(&z, None, Seed(1)), Err(Error::Conditions { .. })));
        }
    }
}
