//! Gather, norms, optimiser state: what is small enough to work out by hand.

use neuroloom_nn::checkpoint::Checkpoint;
use neuroloom_nn::kernel::{AdamConfig, gather, norm};
use neuroloom_nn::optim::Adam;

use crate::twin::{doubles, numbers};

#[test]
fn attached_rows_come_back_summed_over_frames() {
    // Two frames of three rows; the table has rows of two.
    let (values, table) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]);
    let mut out = [0.0; 18];
    gather::attach(&values, &table, 2, &mut out).unwrap();
    assert_eq!(out[..6], [1.0, 0.1, 0.2, 2.0, 0.3, 0.4]);
    assert_eq!(out[15..], [6.0, 0.5, 0.6]);
    let mut sums = [1.0; 6];
    gather::add_attached(&out, 2, &mut sums).unwrap();
    // Each table entry was attached in both frames.
    for (sum, entry) in sums.iter().zip(table) {
        assert!((sum - (1.0 + 2.0 * entry)).abs() < 1e-6);
    }
    assert!(gather::attach(&values[..5], &table, 2, &mut out[..15]).is_err());
}

#[test]
fn an_index_past_the_table_is_named() {
    let error = gather::rows(&[0.0; 6], 2, &[0, 3], &mut [0.0; 4]).unwrap_err();
    assert_eq!(error.to_string(), "row indices holds 3 at position 1 (from 0), but there are only 3 rows");
}

#[test]
fn norms_do_not_lose_small_terms() {
    // A running f32 sum would stop growing at 2^24.
    let values = vec![1.0; 20_000_001];
    assert_eq!(norm::l1(&values), 20_000_001.0);
    let values = numbers(100_003, 3);
    let expected = doubles(&values).iter().map(|value| value * value).sum::<f64>().sqrt();
    assert!((norm::l2(&values) / expected - 1.0).abs() < 1e-12);
    let mut gradient = values.clone();
    norm::into_l2_gradient(&mut gradient, 2.0);
    assert!((norm::l2(&gradient) - 2.0).abs() < 1e-5);
    let mut zeros = [0.0; 3];
    assert_eq!(norm::into_l2_gradient(&mut zeros, 1.0), 0.0);
    assert_eq!(zeros, [0.0; 3]);
}

#[test]
fn an_optimiser_goes_on_from_its_checkpoint_bit_for_bit() {
    let groups = [("w", 40, AdamConfig::default()), ("b", 3, AdamConfig::with_learning_rate(0.1))];
    let steps = |adam: &mut Adam, parameters: &mut [Vec<f32>; 2], range: std::ops::Range<u32>| {
        for t in range {
            adam.begin_step();
            for (group, parameters) in ["w", "b"].into_iter().zip(parameters.iter_mut()) {
                let gradients = numbers(parameters.len(), t);
                adam.update(group, parameters, &gradients).unwrap();
            }
        }
    };
    let mut straight = (Adam::new(&groups).unwrap(), [vec![1.0; 40], vec![2.0; 3]]);
    steps(&mut straight.0, &mut straight.1, 0..9);
    let mut first = (Adam::new(&groups).unwrap(), [vec![1.0; 40], vec![2.0; 3]]);
    steps(&mut first.0, &mut first.1, 0..4);
    let mut checkpoint = Checkpoint::default();
    first.0.save(&mut checkpoint).unwrap();
    let checkpoint = Checkpoint::from_bytes(&checkpoint.to_bytes().unwrap()).unwrap();
    let mut again = Adam::new(&groups).unwrap();
    again.load(&checkpoint).unwrap();
    assert_eq!(again, first.0);
    steps(&mut again, &mut first.1, 4..9);
    assert_eq!(first.1, straight.1);
    assert!(Adam::new(&[groups[0], groups[0]]).is_err());
    assert!(again.set_learning_rate("w", f32::NAN).is_err());
    assert!(again.update("c", &mut [0.0], &[0.0]).is_err());
}
