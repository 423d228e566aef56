//! ReLU networks of one input on many rows, which are taken as lines from kink to kink.

use neuroloom_nn::kernel::{Activation, MlpGradients, NodeMlp};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, proptest};

use crate::twin::{assert_close, doubles, mlp, numbers};

/// Enough that no network here goes through the layers: it would need 750 pieces.
const MANY: usize = 6000;

fn network(hidden: &[usize]) -> NodeMlp {
    NodeMlp::new(&[&[1], hidden, &[1]].concat(), Activation::Relu).unwrap()
}

fn parameters(network: &NodeMlp, salt: u32) -> Vec<f32> {
    let scale = 2.0 / (*network.widths().iter().max().unwrap() as f32).sqrt();
    numbers(network.n_parameters(), salt).into_iter().map(|value| value * scale).collect()
}

fn activity(n: usize) -> Vec<f32> {
    numbers(n, 3).into_iter().map(|x| 13.0 * x).collect()
}

/// Gradients of the parameters and of the inputs.
fn gradients(network: &NodeMlp, parameters: &[f32], inputs: &[f32]) -> [Vec<f32>; 2] {
    let (mut of_parameters, mut of_inputs) = (vec![0.0; parameters.len()], vec![f32::NAN; inputs.len()]);
    let into = MlpGradients { parameters: &mut of_parameters, inputs: Some(&mut of_inputs) };
    network.backward(parameters, inputs, &numbers(inputs.len(), 5), into).unwrap();
    [of_parameters, of_inputs]
}

/// The same in f64, row by row and layer by layer.
fn twin_gradients(network: &NodeMlp, parameters: &[f64], inputs: &[f64]) -> [Vec<f64>; 2] {
    let n_layers = network.n_layers();
    let mut of_parameters = vec![0.0; parameters.len()];
    let mut of_inputs = Vec::new();
    for (x, slope) in inputs.iter().zip(numbers(inputs.len(), 5)) {
        let mut values = vec![vec![*x]];
        for layer in 0..n_layers {
            let (weight, bias) = (&parameters[network.weight(layer).unwrap()], network.bias(layer).unwrap());
            let below = &values[layer];
            let sum = |o: usize| {
                let mixed = below.iter().enumerate().map(|(i, value)| value * weight[i * bias.len() + o]);
                parameters[bias.start + o] + mixed.sum::<f64>()
            };
            let sums = (0..bias.len()).map(sum);
            values.push(if layer + 1 == n_layers {
                sums.collect()
            } else {
                sums.map(|z| z.max(0.0)).collect()
            });
        }
        let mut above = vec![f64::from(slope)];
        for layer in (0..n_layers).rev() {
            let (weight, bias) = (network.weight(layer).unwrap(), network.bias(layer).unwrap());
            let below = &values[layer];
            let mut next = vec![0.0; below.len()];
            for (o, of_sum) in above.iter().enumerate() {
                of_parameters[bias.start + o] += of_sum;
                for (i, value) in below.iter().enumerate() {
                    let at = weight.start + i * bias.len() + o;
                    of_parameters[at] += of_sum * value;
                    next[i] += of_sum * parameters[at] * if layer == 0 || *value > 0.0 { 1.0 } else { 0.0 };
                }
            }
            above = next;
        }
        of_inputs.push(above[0]);
    }
    [of_parameters, of_inputs]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn lines_are_the_network(hidden in vec(1_usize..40, 1..4), salt in any::<u32>(), shifted in any::<bool>()) {
        let network = network(&hidden);
        let mut parameters = parameters(&network, salt);
        if !shifted {
            // All kinks of the first layer in one place.
            let bias = network.bias(0).unwrap();
            parameters[bias].fill(0.0);
        }
        let inputs = activity(MANY);
        let mut outputs = vec![f32::NAN; MANY];
        network.forward(&parameters, &inputs, &mut outputs).unwrap();
        let expected = mlp(&network, &doubles(&parameters), &doubles(&inputs));
        assert_close("outputs", &outputs, &expected, 1e-5);
        let found = gradients(&network, &parameters, &inputs);
        let expected = twin_gradients(&network, &doubles(&parameters), &doubles(&inputs));
        assert_close("gradients of the parameters", &found[0], &expected[0], 1e-5);
        assert_close("gradients of the inputs", &found[1], &expected[1], 1e-5);
    }
}

#[test]
fn a_silent_network_learns_its_last_bias_alone() {
    let network = network(&[4, 4]);
    let inputs = activity(MANY);
    let mut parameters = vec![0.0; network.n_parameters()];
    let last = parameters.len() - 1;
    parameters[last] = 2.5;
    let mut outputs = vec![0.0; MANY];
    network.forward(&parameters, &inputs, &mut outputs).unwrap();
    assert!(outputs.iter().all(|y| *y == 2.5));
    let [of_parameters, of_inputs] = gradients(&network, &parameters, &inputs);
    assert!(of_inputs.iter().all(|slope| *slope == 0.0));
    assert!(of_parameters[..last].iter().all(|slope| *slope == 0.0));
    let sum: f64 = numbers(MANY, 5).iter().map(|slope| f64::from(*slope)).sum();
    assert!((f64::from(of_parameters[last]) - sum).abs() < 1e-3);
}

#[test]
fn a_nan_is_not_hidden_among_many_rows() {
    let network = network(&[16, 16]);
    let (good, mut inputs) = (parameters(&network, 7), activity(MANY));
    let mut outputs = vec![0.0; MANY];
    inputs[1234] = f32::NAN;
    network.forward(&good, &inputs, &mut outputs).unwrap();
    assert_eq!(outputs.iter().filter(|y| y.is_nan()).count(), 1);
    assert!(outputs[1234].is_nan());
    inputs[1234] = 0.0;
    for place in [0, 20, 100, good.len() - 1] {
        let mut bad = good.clone();
        bad[place] = f32::NAN;
        network.forward(&bad, &inputs, &mut outputs).unwrap();
        assert!(outputs.iter().all(|y| y.is_nan()), "parameter {place}");
    }
}

#[test]
fn bytes_do_not_depend_on_threads() {
    let network = network(&[64, 64]);
    let (parameters, inputs) = (parameters(&network, 7), activity(10_000));
    let run = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| gradients(&network, &parameters, &inputs))
    };
    let one = run(1);
    assert!(one[0].iter().any(|gradient| *gradient != 0.0));
    assert_eq!(one, run(2));
    assert_eq!(one, run(5));
}
