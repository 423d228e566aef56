//! The dense product against its twin: values, finite differences, the fused step, threads.

use neuroloom_nn::kernel::product::{DenseProduct, Diagonal, Outer, Penalty, WeightUpdate};
use neuroloom_nn::kernel::{AdamConfig, AdamStep, Moments, adam};

use crate::twin::{assert_close, doubles, finite_differences, numbers, product};

/// (post, pre, frames): vectors with and without a rest, more than one piece of W, more frames than a block.
const SHAPES: [(usize, usize, usize); 5] = [(1, 1, 1), (5, 7, 3), (40, 33, 8), (150, 70, 13), (37, 600, 64)];

#[test]
fn forward_agrees_with_the_twin() {
    for (n_post, n_pre, n_frames) in SHAPES {
        let (weights, senders) = (numbers(n_post * n_pre, 1), numbers(n_frames * n_pre, 2));
        let mut messages = vec![f32::NAN; n_frames * n_post];
        DenseProduct::new(n_post, n_pre).forward(&weights, &senders, &mut messages).unwrap();
        let expected = product(&doubles(&weights), &doubles(&senders), n_pre);
        assert_close(&format!("{n_post} x {n_pre}, {n_frames}"), &messages, &expected, 2e-6);
    }
}

#[test]
fn gradients_are_finite_differences() {
    let (n_post, n_pre, n_frames) = (21, 19, 5);
    let (weights, senders) = (numbers(n_post * n_pre, 1), numbers(n_frames * n_pre, 2));
    let factors = numbers(n_frames * n_post, 3);
    let dense = DenseProduct::new(n_post, n_pre);
    let (mut sender_gradients, mut weight_gradients) =
        (vec![f32::NAN; senders.len()], vec![0.0; weights.len()]);
    dense.backward_senders(&weights, &factors, &mut sender_gradients).unwrap();
    dense
        .backward_weights(Outer { message_gradients: &factors, senders: &senders }, &mut weight_gradients)
        .unwrap();
    let loss = |weights: &[f64], senders: &[f64]| -> f64 {
        product(weights, senders, n_pre).iter().zip(&factors).map(|(m, f)| m * f64::from(*f)).sum()
    };
    let (weights, senders) = (doubles(&weights), doubles(&senders));
    let expected = finite_differences(&senders, |senders| loss(&weights, senders));
    assert_close("senders", &sender_gradients, &expected, 1e-5);
    let expected = finite_differences(&weights, |weights| loss(weights, &senders));
    assert_close("weights", &weight_gradients, &expected, 1e-5);
}

/// Everything the fused step can do, done one after the other.
#[test]
fn the_fused_step_is_its_parts() {
    for (n_post, n_pre, n_frames) in SHAPES {
        let outer_parts = (numbers(n_frames * n_post, 3), numbers(n_frames * n_pre, 2));
        let outer = Outer { message_gradients: &outer_parts.0, senders: &outer_parts.1 };
        let n = n_post * n_pre;
        let mask: Vec<f32> = numbers(n, 9).iter().map(|value| f32::from(*value > -0.3)).collect();
        let penalty = Penalty { l1: 0.1, l2: 0.2 };
        let step = AdamStep::new(&AdamConfig::with_learning_rate(0.05), 3);
        let old: Vec<f32> = numbers(n, 1).iter().zip(&mask).map(|(weight, mask)| weight * mask).collect();
        let old_moments = (vec![0.01; n], vec![0.02; n]);
        let dense = DenseProduct::new(n_post, n_pre);

        let mut gradients = vec![0.0; n];
        dense.backward_weights(outer, &mut gradients).unwrap();
        for (k, gradient) in gradients.iter_mut().enumerate() {
            let sign = if old[k] == 0.0 { 0.0 } else { old[k].signum() };
            *gradient = (*gradient + penalty.l2 * old[k] + penalty.l1 * sign) * mask[k];
        }
        let (mut expected, mut moments) = (old.clone(), old_moments.clone());
        let memory = Moments { first: &mut moments.0, second: &mut moments.1 };
        adam::update(&step, &mut expected, &gradients, memory).unwrap();
        for k in 0..n {
            expected[k] *= if k / n_pre == k % n_pre { 0.0 } else { mask[k] };
        }
        let mut expected_senders = vec![0.0; n_frames * n_pre];
        dense.backward_senders(&old, &outer_parts.0, &mut expected_senders).unwrap();

        let (mut weights, mut moments) = (old.clone(), old_moments.clone());
        let update = WeightUpdate {
            penalty,
            mask: Some(&mask),
            diagonal: Diagonal::Zero,
            ..WeightUpdate::new(
                &mut weights,
                Moments { first: &mut moments.0, second: &mut moments.1 },
                &step,
            )
        };
        let mut senders = vec![f32::NAN; n_frames * n_pre];
        dense.update(outer, update, Some(&mut senders)).unwrap();
        assert_close("weights", &weights, &doubles(&expected), 1e-5);
        assert_close("senders", &senders, &doubles(&expected_senders), 1e-6);

        let (mut without, mut moments) = (old.clone(), old_moments.clone());
        let update = WeightUpdate {
            penalty,
            mask: Some(&mask),
            diagonal: Diagonal::Zero,
            ..WeightUpdate::new(
                &mut without,
                Moments { first: &mut moments.0, second: &mut moments.1 },
                &step,
            )
        };
        dense.update(outer, update, None).unwrap();
        assert_eq!(weights, without, "the step does not depend on whether dP is asked for");
    }
}

#[test]
fn bytes_do_not_depend_on_threads() {
    let (n_post, n_pre, n_frames) = (700, 500, 9);
    let run = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| {
            let dense = DenseProduct::new(n_post, n_pre);
            let mut weights = numbers(n_post * n_pre, 1);
            let mut moments = (vec![0.0; weights.len()], vec![0.0; weights.len()]);
            let (residuals, senders) = (numbers(n_frames * n_post, 3), numbers(n_frames * n_pre, 2));
            let mut messages = vec![0.0; n_frames * n_post];
            dense.forward(&weights, &senders, &mut messages).unwrap();
            let step = AdamStep::new(&AdamConfig::default(), 1);
            let memory = Moments { first: &mut moments.0, second: &mut moments.1 };
            let mut sender_gradients = vec![0.0; senders.len()];
            let outer = Outer { message_gradients: &residuals, senders: &senders };
            let update = WeightUpdate::new(&mut weights, memory, &step);
            dense.update(outer, update, Some(&mut sender_gradients)).unwrap();
            (messages, weights, sender_gradients)
        })
    };
    assert!(run(1) == run(2));
    assert!(run(1) == run(7));
}

#[test]
fn what_does_not_fit_is_refused() {
    let dense = DenseProduct::new(2, 3);
    assert!(dense.forward(&[0.0; 6], &[0.0; 4], &mut [0.0; 2]).is_err());
    assert!(dense.forward(&[0.0; 5], &[0.0; 3], &mut [0.0; 2]).is_err());
    assert!(dense.forward(&[0.0; 6], &[0.0; 3], &mut [0.0; 3]).is_err());
}
