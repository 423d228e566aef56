//! Every instruction set of this machine gives what plain Rust gives, up to the order of additions.
#![allow(clippy::unwrap_used, reason = "tests")]

use pulp::Arch;

use super::dyad::{DyadGradients, DyadNet, DyadScale, DyadShape, PairRow, Pairs};
use super::product::{DenseProduct, Outer, WeightUpdate};
use super::sparse::SparseProduct;
use super::{Activation, AdamConfig, AdamStep, MlpGradients, Moments, NodeMlp};

/// All instruction sets of this machine, plain Rust first.
fn levels() -> Vec<Arch> {
    let mut levels = vec![Arch::Scalar];
    #[cfg(target_arch = "x86_64")]
    levels.extend(pulp::x86::V3::try_new().map(Arch::V3));
    levels.push(Arch::new());
    levels
}

fn numbers(n: usize, salt: usize) -> Vec<f32> {
    (0..n).map(|k| ((k * 7919 + salt * 104_729) % 2003) as f32 / 1001.5 - 1.0).collect()
}

fn assert_agree(what: &str, results: &[Vec<f32>]) {
    let scale = results[0].iter().fold(0.0_f32, |max, value| max.max(value.abs()));
    assert!(scale > 0.0, "{what}: all zero");
    for (level, result) in results.iter().enumerate() {
        for (plain, value) in results[0].iter().zip(result) {
            let error = (plain - value).abs() / scale;
            assert!(error < 2e-5, "{what}, level {level}: {value} instead of {plain}");
        }
    }
}

#[test]
fn node_mlp() {
    for activation in [Activation::Relu, Activation::Tanh, Activation::Sine { omega: 5.0 }, Activation::Gelu]
    {
        for widths in [&[3, 40, 40, 1][..], &[2, 24, 9]] {
            let run = |arch| {
                let mlp = NodeMlp::new(widths, activation).unwrap().at(arch);
                let parameters: Vec<f32> =
                    numbers(mlp.n_parameters(), 1).iter().map(|value| 0.2 * value).collect();
                let inputs = numbers(130 * mlp.n_inputs(), 2);
                let mut outputs = vec![0.0; 130 * mlp.n_outputs()];
                mlp.forward(&parameters, &inputs, &mut outputs).unwrap();
                let (mut gradients, mut input_gradients) =
                    (vec![0.0; parameters.len()], vec![0.0; inputs.len()]);
                let into = MlpGradients { parameters: &mut gradients, inputs: Some(&mut input_gradients) };
                mlp.backward(&parameters, &inputs, &numbers(outputs.len(), 3), into).unwrap();
                [outputs, gradients, input_gradients]
            };
            let results: Vec<_> = levels().into_iter().map(run).collect();
            for part in 0..3 {
                let part_of: Vec<Vec<f32>> = results.iter().map(|result| result[part].clone()).collect();
                assert_agree(&format!("{activation:?} {widths:?} part {part}"), &part_of);
            }
        }
    }
}

/// Many rows of one input: lines from kink to kink.
#[test]
fn node_mlp_lines() {
    let run = |arch| {
        let mlp = NodeMlp::new(&[1, 40, 40, 1], Activation::Relu).unwrap().at(arch);
        let parameters: Vec<f32> = numbers(mlp.n_parameters(), 1).iter().map(|value| 0.2 * value).collect();
        let inputs: Vec<f32> = numbers(3000, 2).iter().map(|x| 13.0 * x).collect();
        let mut outputs = vec![0.0; inputs.len()];
        mlp.forward(&parameters, &inputs, &mut outputs).unwrap();
        let (mut gradients, mut input_gradients) = (vec![0.0; parameters.len()], vec![0.0; inputs.len()]);
        let into = MlpGradients { parameters: &mut gradients, inputs: Some(&mut input_gradients) };
        mlp.backward(&parameters, &inputs, &numbers(outputs.len(), 3), into).unwrap();
        [outputs, gradients, input_gradients]
    };
    let results: Vec<_> = levels().into_iter().map(run).collect();
    for part in 0..3 {
        let part_of: Vec<Vec<f32>> = results.iter().map(|result| result[part].clone()).collect();
        assert_agree(&format!("lines, part {part}"), &part_of);
    }
}

#[test]
fn dense_product_and_adam() {
    let run = |arch| {
        let dense = DenseProduct::new(45, 53).at(arch);
        let (mut weights, senders, residuals) =
            (numbers(45 * 53, 1), numbers(11 * 53, 2), numbers(11 * 45, 3));
        let mut messages = vec![0.0; 11 * 45];
        dense.forward(&weights, &senders, &mut messages).unwrap();
        let mut moments = (vec![0.1; weights.len()], vec![0.2; weights.len()]);
        let step = AdamStep::new(&AdamConfig::with_learning_rate(0.1), 2);
        let memory = Moments { first: &mut moments.0, second: &mut moments.1 };
        let mut sender_gradients = vec![0.0; senders.len()];
        let outer = Outer { message_gradients: &residuals, senders: &senders };
        let update = WeightUpdate::new(&mut weights, memory, &step);
        dense.update(outer, update, Some(&mut sender_gradients)).unwrap();
        [messages, weights, sender_gradients]
    };
    let results: Vec<_> = levels().into_iter().map(run).collect();
    for part in 0..3 {
        let part_of: Vec<Vec<f32>> = results.iter().map(|result| result[part].clone()).collect();
        assert_agree(&format!("part {part}"), &part_of);
    }
}

#[test]
fn sparse_product() {
    let pres: Vec<u32> = (0..300).map(|edge| (edge * edge) % 41).collect();
    let row_starts: Vec<usize> = (0..=30).map(|row| row * 10).collect();
    let run = |arch| {
        let edges = SparseProduct::new(&row_starts, &pres, 41).unwrap().at(arch);
        let (weights, senders, residuals) = (numbers(300, 1), numbers(9 * 41, 2), numbers(9 * 30, 3));
        let mut messages = vec![0.0; 9 * 30];
        edges.forward(&weights, &senders, &mut messages).unwrap();
        let mut gradients = vec![0.0; 300];
        let outer = Outer { message_gradients: &residuals, senders: &senders };
        edges.backward_weights(outer, &mut gradients).unwrap();
        [messages, gradients].concat()
    };
    assert_agree("sparse", &levels().into_iter().map(run).collect::<Vec<_>>());
}

#[test]
fn dyad_net() {
    struct Some;
    impl Pairs for Some {
        fn places(&self, i: usize, into: &mut [f32]) {
            into.iter_mut().enumerate().for_each(|(at, place)| *place = ((i + at) % 7) as f32 * 0.5);
        }
        fn observed(&self, i: usize, row: PairRow<'_>) {
            row.compatible.iter_mut().enumerate().for_each(|(at, state)| *state = 1 << ((i + at) % 4));
            row.strength.iter_mut().for_each(|strength| *strength = [2.0, 1.0]);
        }
    }
    let run = |arch| {
        let shape = DyadShape { first: 32, second: 16, rank: 16, tables: vec![4, 5] };
        let net = DyadNet::new(shape).unwrap().at(arch);
        let parameters: Vec<f32> = numbers(net.n_parameters(), 1).iter().map(|value| 0.3 * value).collect();
        let heads = numbers(60 * net.head_width(), 2);
        let (mut to_parameters, mut to_heads) = (vec![0.0; parameters.len()], vec![0.0; heads.len()]);
        let gradients = DyadGradients { parameters: &mut to_parameters, heads: &mut to_heads };
        let scale = DyadScale { states: 1.0, strengths: 1.0 };
        let loss = net.backward((&parameters, &heads), &Some, scale, gradients).unwrap();
        [to_parameters, to_heads, vec![loss.states as f32, loss.strengths as f32]]
    };
    let results: Vec<_> = levels().into_iter().map(run).collect();
    for part in 0..3 {
        let of: Vec<Vec<f32>> = results.iter().map(|result| result[part].clone()).collect();
        assert_agree(&format!("dyads, part {part}"), &of);
    }
}
