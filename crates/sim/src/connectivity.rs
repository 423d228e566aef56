//! Wiring laws: how a weight matrix is drawn.
//!
//! W[post, pre], zero diagonal, without the gain g (which belongs to the neuron types).

use ndarray::Array2;
use neuroloom_core::Seed;
use rand::RngExt;
use rand_distr::{Cauchy, Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

use crate::Error;

/// Draws of a standard Cauchy beyond this size become 0 (Allier et al. 2026, published code).
const CAUCHY_CUT: f64 = 25.0;

/// Decay of the successor representation from one neuron to the next.
const SUCCESSOR_DISCOUNT: f32 = 0.98;

/// How the weights are drawn before signs and filling are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WeightLaw {
    /// Standard Cauchy draws, those beyond 25 set to 0, divided by N^p; p = 0.7 below N = 2000, 0.675 below
    /// 4000, 0.67 below 8000, 0.66 at 8000, 0.5 above.
    #[default]
    Cauchy,
    /// Normal draws of variance 1/N (the "chaotic" network of Sompolinsky et al. 1988 is the same law).
    #[serde(alias = "chaotic")]
    Gaussian,
    /// Uniform draws between -0.5 and 0.5, not scaled by N.
    Uniform,
    /// U V / sqrt(r N) with U `[N, r]` and V `[r, N]` of normal draws.
    LowRank {
        /// The rank r, 1 to N.
        rank: usize,
    },
    /// Ring attractor: (cos(theta_i - theta_j) + 0.5) / N, theta evenly spaced on the circle.
    Ring,
    /// Successor representation of a chain: (I - 0.98 shift)^-1, so W[i, j] = 0.98^(j - i) for j > i.
    Successor,
    /// No connection.
    Null,
    /// The matrix that is given.
    File,
}

/// What is done to the signs of the drawn weights.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignRule {
    /// Left as drawn.
    #[default]
    Free,
    /// Dale's law: |W|, then the columns of the last senders are negated.
    Dale {
        /// Fraction of senders that excite, 0 to 1; they come first.
        excitatory_fraction: f64,
    },
    /// |W| with one random sign for each pair of receiver type and sender type.
    TypePair {
        /// Probability of a positive sign, 0 to 1.
        positive_probability: f64,
    },
}

/// How the circuit is wired.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "snake_case")]
pub struct ConnectivityConfig {
    /// Law of the weights: cauchy, gaussian, uniform, low-rank, ring, successor, null or file. A matrix that is
    /// given replaces the law and is taken as it is: signs and filling factor are not applied to it.
    pub law: WeightLaw,
    /// Signs: free, dale or type-pair.
    pub signs: SignRule,
    /// Probability that a connection is kept, above 0 to 1; the others become 0, the kept ones are not rescaled.
    pub filling_factor: f64,
}

impl Default for ConnectivityConfig {
    fn default() -> Self {
        Self { law: WeightLaw::Cauchy, signs: SignRule::Free, filling_factor: 1.0 }
    }
}

impl ConnectivityConfig {
    /// Checks every key.
    ///
    /// # Errors
    /// [`Error::Config`] naming the key.
    pub fn check(&self, n_neurons: usize) -> Result<(), Error> {
        if let WeightLaw::LowRank { rank } = self.law
            && !(1..=n_neurons).contains(&rank)
        {
            return Err(Error::Config {
                key: "connectivity.law.low-rank.rank",
                given: rank.to_string(),
                allowed: format!("1 to {n_neurons}, the number of neurons"),
            });
        }
        match self.signs {
            SignRule::Free => {}
            SignRule::Dale { excitatory_fraction } => {
                check_fraction("connectivity.signs.dale.excitatory_fraction", excitatory_fraction)?;
            }
            SignRule::TypePair { positive_probability } => {
                check_fraction("connectivity.signs.type-pair.positive_probability", positive_probability)?;
            }
        }
        if !(self.filling_factor > 0.0 && self.filling_factor <= 1.0) {
            return Err(Error::Config {
                key: "connectivity.filling_factor",
                given: self.filling_factor.to_string(),
                allowed: "above 0, at most 1".to_owned(),
            });
        }
        Ok(())
    }
}

/// Draws W[post, pre] for neurons of the given types, or takes the given matrix.
///
/// # Errors
/// [`Error::MissingArray`] if the law is `file` and no matrix is given, [`Error::Shape`] and [`Error::Entry`]
/// if the given matrix is not N x N and finite.
pub(crate) fn weight_matrix(
    config: &ConnectivityConfig,
    cell_type: &[u32],
    given: Option<Array2<f32>>,
    seed: Seed,
) -> Result<Array2<f32>, Error> {
    let seed = seed.split("connectivity");
    let mut matrix = match given {
        Some(matrix) => check_given(matrix, cell_type.len())?,
        None => {
            let mut matrix = draw(config.law, cell_type.len(), seed.split("weights"))?;
            apply_signs(config.signs, cell_type, &mut matrix, seed.split("signs"));
            apply_filling(config.filling_factor, &mut matrix, seed.split("filling"));
            matrix
        }
    };
    matrix.diag_mut().fill(0.0);
    Ok(matrix)
}

fn check_given(matrix: Array2<f32>, n: usize) -> Result<Array2<f32>, Error> {
    if matrix.dim() != (n, n) {
        return Err(Error::Shape {
            what: "the given weight_matrix",
            given: format!("{:?}", matrix.shape()),
            allowed: format!("[{n}, {n}] (post, pre), as n_neurons = {n}"),
        });
    }
    match matrix.indexed_iter().find(|(_, weight)| !weight.is_finite()) {
        Some(((post, pre), &weight)) => {
            Err(Error::Entry { what: "the given weight_matrix", given: weight, place: vec![post, pre] })
        }
        None => Ok(matrix),
    }
}

fn draw(law: WeightLaw, n: usize, seed: Seed) -> Result<Array2<f32>, Error> {
    let mut rng = seed.rng();
    let size = n as f32;
    let mut normal = |shape: (usize, usize), scale: f32| {
        Array2::from_shape_simple_fn(shape, || scale * rng.sample::<f32, _>(StandardNormal))
    };
    Ok(match law {
        WeightLaw::Cauchy => cauchy(n, seed),
        WeightLaw::Gaussian => normal((n, n), 1.0 / size.sqrt()),
        WeightLaw::Uniform => Array2::from_shape_simple_fn((n, n), || rng.random_range(-0.5_f32..0.5)),
        WeightLaw::LowRank { rank } => {
            let receivers = normal((n, rank), 1.0 / (rank as f32 * size).sqrt());
            receivers.dot(&normal((rank, n), 1.0))
        }
        WeightLaw::Ring => {
            let angle = |neuron: usize| std::f32::consts::TAU * neuron as f32 / size;
            Array2::from_shape_fn((n, n), |(post, pre)| ((angle(post) - angle(pre)).cos() + 0.5) / size)
        }
        WeightLaw::Successor => Array2::from_shape_fn((n, n), |(post, pre)| {
            if pre > post { SUCCESSOR_DISCOUNT.powi((pre - post) as i32) } else { 0.0 }
        }),
        WeightLaw::Null => Array2::zeros((n, n)),
        WeightLaw::File => {
            return Err(Error::MissingArray { key: "connectivity.law", what: "weight matrix" });
        }
    })
}

fn cauchy(n: usize, seed: Seed) -> Array2<f32> {
    let mut rng = seed.rng();
    let scale = (n as f64).powf(-cauchy_exponent(n));
    let Ok(law) = Cauchy::new(0.0_f64, 1.0) else { return Array2::zeros((n, n)) };
    Array2::from_shape_simple_fn((n, n), || {
        let draw = law.sample(&mut rng);
        if draw.abs() > CAUCHY_CUT { 0.0 } else { (draw * scale) as f32 }
    })
}

/// The table of the published code.
fn cauchy_exponent(n: usize) -> f64 {
    match n {
        0..2000 => 0.7,
        2000..4000 => 0.675,
        4000..8000 => 0.67,
        8000 => 0.66,
        _ => 0.5,
    }
}

fn apply_signs(rule: SignRule, cell_type: &[u32], matrix: &mut Array2<f32>, seed: Seed) {
    match rule {
        SignRule::Free => {}
        SignRule::Dale { excitatory_fraction } => {
            let n_excitatory = (excitatory_fraction * cell_type.len() as f64).round() as usize;
            for ((_, pre), weight) in matrix.indexed_iter_mut() {
                *weight = if pre < n_excitatory { weight.abs() } else { -weight.abs() };
            }
        }
        SignRule::TypePair { positive_probability } => {
            let n_types = cell_type.iter().max().map_or(0, |&last| last as usize + 1);
            let mut rng = seed.rng();
            let sign = Array2::from_shape_simple_fn((n_types, n_types), || {
                if rng.random_bool(positive_probability) { 1.0 } else { -1.0 }
            });
            for ((post, pre), weight) in matrix.indexed_iter_mut() {
                *weight = weight.abs() * sign[[cell_type[post] as usize, cell_type[pre] as usize]];
            }
        }
    }
}

fn apply_filling(filling_factor: f64, matrix: &mut Array2<f32>, seed: Seed) {
    if filling_factor >= 1.0 {
        return;
    }
    let mut rng = seed.rng();
    for weight in matrix {
        if !rng.random_bool(filling_factor) {
            *weight = 0.0;
        }
    }
}

fn check_fraction(key: &'static str, fraction: f64) -> Result<(), Error> {
    if (0.0..=1.0).contains(&fraction) {
        return Ok(());
    }
    Err(Error::Config { key, given: fraction.to_string(), allowed: "0 to 1".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(law: WeightLaw, signs: SignRule, filling_factor: f64, n: usize) -> Array2<f32> {
        let config = ConnectivityConfig { law, signs, filling_factor };
        config.check(n).unwrap();
        let cell_type: Vec<u32> = (0..n).map(|neuron| (neuron * 4 / n) as u32).collect();
        weight_matrix(&config, &cell_type, None, Seed(42)).unwrap()
    }

    fn std(matrix: &Array2<f32>) -> f64 {
        matrix.mapv(f64::from).std(0.0)
    }

    #[test]
    fn cauchy_matrices_look_like_the_released_one() {
        // Released matrix, N = 1000: std 0.0307, median |W| 0.0073, 2.6 % zeros, max |W| 25 / 1000^0.7 = 0.1986.
        let matrix = drawn(WeightLaw::Cauchy, SignRule::Free, 1.0, 1000);
        let mut sizes: Vec<f32> = matrix.iter().map(|weight| weight.abs()).collect();
        sizes.sort_by(f32::total_cmp);
        let zeros = sizes.iter().filter(|&&size| size == 0.0).count() as f64 / 1e6;
        assert!((std(&matrix) - 0.0307).abs() < 2e-4, "{}", std(&matrix));
        assert!((sizes[500_000] - 0.0077).abs() < 5e-4, "{}", sizes[500_000]);
        assert!((zeros - 0.026).abs() < 1e-3, "{zeros}");
        assert!(sizes[999_999] <= 0.1986 && sizes[999_999] > 0.198);
        assert!(matrix.diag().iter().all(|&weight| weight == 0.0));
    }

    #[test]
    fn the_exponent_follows_the_table() {
        let table = [(1999, 0.7), (2000, 0.675), (4000, 0.67), (7999, 0.67), (8000, 0.66), (8001, 0.5)];
        assert!(table.iter().all(|&(n, exponent)| cauchy_exponent(n) == exponent));
    }

    #[test]
    fn filling_keeps_the_fraction_and_does_not_rescale() {
        let full = drawn(WeightLaw::Cauchy, SignRule::Free, 1.0, 1000);
        let sparse = drawn(WeightLaw::Cauchy, SignRule::Free, 0.05, 1000);
        let kept: Vec<_> = full.iter().zip(&sparse).filter(|(_, sparse)| **sparse != 0.0).collect();
        assert!((kept.len() as f64 / 974_000.0 - 0.05).abs() < 1e-3, "{}", kept.len());
        assert!(kept.iter().all(|(full, sparse)| full == sparse));
    }

    #[test]
    fn dale_senders_have_one_sign() {
        let matrix = drawn(WeightLaw::Gaussian, SignRule::Dale { excitatory_fraction: 0.75 }, 1.0, 200);
        for (pre, column) in matrix.columns().into_iter().enumerate() {
            let excites = pre < 150;
            assert!(column.iter().all(|&weight| weight == 0.0 || (weight > 0.0) == excites), "{pre}");
        }
    }

    #[test]
    fn type_pairs_have_one_sign() {
        let matrix = drawn(WeightLaw::Gaussian, SignRule::TypePair { positive_probability: 0.5 }, 1.0, 80);
        let mut positive_blocks = 0;
        for block in 0..16 {
            let (row, column) = (block / 4 * 20, block % 4 * 20);
            let block = matrix.slice(ndarray::s![row..row + 20, column..column + 20]);
            let positive = block.iter().any(|&weight| weight > 0.0);
            assert!(block.iter().all(|&weight| weight == 0.0 || (weight > 0.0) == positive));
            positive_blocks += usize::from(positive);
        }
        assert!((2..=14).contains(&positive_blocks));
    }

    #[test]
    fn normal_laws_have_their_variance() {
        let n = 400;
        for law in [WeightLaw::Gaussian, WeightLaw::LowRank { rank: 20 }] {
            // Gaussian: variance 1/N. Low rank: r terms of variance 1 / (r N) add up to 1/N.
            let std = std(&drawn(law, SignRule::Free, 1.0, n));
            assert!((std * (n as f64).sqrt() - 1.0).abs() < 0.1, "{law:?} {std}");
        }
        // Uniform of width 1: 1 / sqrt(12).
        assert!((std(&drawn(WeightLaw::Uniform, SignRule::Free, 1.0, n)) - 0.2887).abs() < 2e-3);
    }

    #[test]
    fn ring_and_successor_by_hand() {
        // N = 4, neighbours on the ring are 90 degrees apart: (0 + 0.5) / 4; opposite: (-1 + 0.5) / 4.
        let ring = drawn(WeightLaw::Ring, SignRule::Free, 1.0, 4);
        for (got, expected) in ring.row(0).iter().zip([0.0, 0.125, -0.125, 0.125]) {
            assert!((got - expected).abs() < 1e-6);
        }
        // (I - g S)^-1 = I + g S + g^2 S^2 + ...; the diagonal is then removed.
        let successor = drawn(WeightLaw::Successor, SignRule::Free, 1.0, 3);
        assert_eq!(successor, ndarray::array![[0.0, 0.98, 0.98_f32 * 0.98], [0.0, 0.0, 0.98], [0.0; 3]]);
    }

    #[test]
    fn given_matrices_are_taken_as_they_are_but_for_the_diagonal() {
        let config = ConnectivityConfig { filling_factor: 0.01, ..ConnectivityConfig::default() };
        let given = ndarray::array![[7.0, 1.0], [2.0, 7.0]];
        let taken = weight_matrix(&config, &[0, 0], Some(given), Seed(1)).unwrap();
        assert_eq!(taken, ndarray::array![[0.0, 1.0], [2.0, 0.0]]);
        let narrow = weight_matrix(&config, &[0, 0], Some(Array2::zeros((2, 3))), Seed(1));
        assert!(matches!(narrow, Err(Error::Shape { .. })));
        let broken =
            weight_matrix(&config, &[0, 0], Some(ndarray::array![[0.0, f32::NAN], [0.0, 0.0]]), Seed(1));
        assert!(matches!(broken, Err(Error::Entry { place, .. }) if place == [0, 1]));
        let file = ConnectivityConfig { law: WeightLaw::File, ..config };
        assert!(matches!(weight_matrix(&file, &[0], None, Seed(1)), Err(Error::MissingArray { .. })));
    }

    #[test]
    fn impossible_keys_are_refused() {
        let base = ConnectivityConfig::default();
        let bad = [
            ConnectivityConfig { filling_factor: 0.0, ..base },
            ConnectivityConfig { filling_factor: f64::NAN, ..base },
            ConnectivityConfig { law: WeightLaw::LowRank { rank: 0 }, ..base },
            ConnectivityConfig { law: WeightLaw::LowRank { rank: 11 }, ..base },
            ConnectivityConfig { signs: SignRule::Dale { excitatory_fraction: 1.5 }, ..base },
            ConnectivityConfig { signs: SignRule::TypePair { positive_probability: -0.1 }, ..base },
        ];
        for config in bad {
            assert!(matches!(config.check(10), Err(Error::Config { .. })), "{config:?}");
        }
    }
}
