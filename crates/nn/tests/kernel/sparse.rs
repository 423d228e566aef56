//! The sparse product against the dense one, which has its own twin.

use neuroloom_nn::kernel::product::{DenseProduct, Outer};
use neuroloom_nn::kernel::sparse::SparseProduct;

use crate::twin::{assert_close, doubles, numbers};

/// Some edges of a small random graph, in CSR order and as a matrix; one receiver hears nobody.
fn edges(n_post: usize, n_pre: usize) -> (SparseProduct, Vec<f32>, Vec<f32>, Vec<usize>) {
    let chosen = numbers(n_post * n_pre, 8);
    let (mut row_starts, mut pres, mut places) = (vec![0], Vec::new(), Vec::new());
    for post in 0..n_post {
        for pre in 0..n_pre {
            if post != 2 && chosen[post * n_pre + pre] > 0.4 {
                pres.push(pre as u32);
                places.push(post * n_pre + pre);
            }
        }
        row_starts.push(pres.len());
    }
    let weights = numbers(pres.len(), 1);
    let mut matrix = vec![0.0; n_post * n_pre];
    for (place, weight) in places.iter().zip(&weights) {
        matrix[*place] = *weight;
    }
    (SparseProduct::new(&row_starts, &pres, n_pre).unwrap(), weights, matrix, places)
}

#[test]
fn sparse_is_dense_with_zeros() {
    for (n_post, n_pre, n_frames) in [(5, 4, 1), (90, 70, 8), (130, 40, 21)] {
        let (sparse, weights, matrix, places) = edges(n_post, n_pre);
        let dense = DenseProduct::new(n_post, n_pre);
        let (senders, residuals) = (numbers(n_frames * n_pre, 2), numbers(n_frames * n_post, 3));

        let (mut found, mut expected) = (vec![f32::NAN; n_frames * n_post], vec![0.0; n_frames * n_post]);
        sparse.forward(&weights, &senders, &mut found).unwrap();
        dense.forward(&matrix, &senders, &mut expected).unwrap();
        assert_close("messages", &found, &doubles(&expected), 1e-6);

        let (mut found, mut expected) = (vec![f32::NAN; senders.len()], vec![0.0; senders.len()]);
        sparse.backward_senders(&weights, &residuals, &mut found).unwrap();
        dense.backward_senders(&matrix, &residuals, &mut expected).unwrap();
        assert_close("senders", &found, &doubles(&expected), 1e-6);

        let outer = Outer { message_gradients: &residuals, senders: &senders };
        let (mut found, mut expected) = (vec![0.0; weights.len()], vec![0.0; matrix.len()]);
        sparse.backward_weights(outer, &mut found).unwrap();
        dense.backward_weights(outer, &mut expected).unwrap();
        let expected: Vec<f64> = places.iter().map(|place| f64::from(expected[*place])).collect();
        assert_close("weights", &found, &expected, 1e-6);
    }
}

#[test]
fn bytes_do_not_depend_on_threads() {
    let (sparse, weights, ..) = edges(300, 200);
    let run = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| {
            let mut gradients = vec![0.0; 8 * 200];
            sparse.backward_senders(&weights, &numbers(8 * 300, 4), &mut gradients).unwrap();
            gradients
        })
    };
    assert!(run(1) == run(3));
}

#[test]
fn lists_that_do_not_fit_are_refused() {
    assert!(SparseProduct::new(&[0, 1], &[5], 5).unwrap_err().to_string().contains("only 5 rows"));
    let error = SparseProduct::new(&[0, 2, 1], &[0], 1).unwrap_err();
    assert_eq!(error.to_string(), "row starts of a sparse matrix: entry 2 is 1, expected at least 2");
    assert!(SparseProduct::new(&[0, 2], &[0], 1).is_err());
    assert!(SparseProduct::new(&[1, 1], &[0], 1).is_err());
    assert!(SparseProduct::new(&[], &[], 1).is_err());
}
