//! From weights to points, one a neuron.

use ndarray::{Array2, ArrayView2, Axis, concatenate};
use neuroloom_core::Seed;

use super::config::{Entries, ExtractConfig, PointSet, Scaling};
use super::spectral::spectral_embedding;
use crate::Error;

/// The weights of a network or a circuit.
///
/// Of a circuit with W[post, pre] both matrices are W: its columns send, its rows receive.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// A, `[receiver, neuron]`: column i holds what neuron i sends.
    pub outgoing: Option<Array2<f64>>,
    /// B, `[neuron, sender]`: row i holds what neuron i receives.
    pub incoming: Option<Array2<f64>>,
}

impl Weights {
    /// Of a circuit, from W[post, pre].
    pub fn of_circuit(weight_matrix: Array2<f64>) -> Self {
        Self { incoming: Some(weight_matrix.clone()), outgoing: Some(weight_matrix) }
    }

    /// Number of neurons that have a point.
    ///
    /// # Errors
    /// As [`Weights::points`].
    pub fn n_points(&self, points: PointSet) -> Result<usize, Error> {
        match points {
            PointSet::Outgoing => Ok(self.need(self.outgoing.as_ref(), points)?.ncols()),
            PointSet::Hidden => Ok(self.need(self.outgoing.as_ref(), points)?.nrows()),
            PointSet::Incoming | PointSet::Both => Ok(self.need(self.incoming.as_ref(), points)?.nrows()),
        }
    }

    /// The points, `[neuron, feature]`.
    ///
    /// # Errors
    /// [`Error::Recording`] if the weights that are asked for are not there, [`Error::Mismatch`] if `both` is asked for
    /// and the two differ in neurons.
    pub fn points(&self, config: &ExtractConfig, seed: Seed) -> Result<Array2<f64>, Error> {
        let outgoing = || self.need(self.outgoing.as_ref(), config.points);
        let incoming = || self.need(self.incoming.as_ref(), config.points);
        let seed = seed.split("spectral embedding");
        let side = |matrix: ArrayView2<'_, f64>| -> Result<Array2<f64>, Error> {
            let matrix = matrix.mapv(|weight| entry(config.entries, weight));
            match config.spectral {
                Some(n) => spectral_embedding(matrix.view(), n, seed),
                None => Ok(matrix),
            }
        };
        let points = match config.points {
            PointSet::Outgoing => side(outgoing()?.t())?,
            PointSet::Incoming => side(incoming()?.view())?,
            PointSet::Hidden => side(outgoing()?.view())?,
            PointSet::Both => {
                let (sent, received) = (outgoing()?.t(), incoming()?.view());
                if sent.nrows() != received.nrows() {
                    let (given, expected) = (received.nrows(), sent.nrows());
                    return Err(Error::Mismatch { what: "the output weights", given, expected });
                }
                let sides = [side(sent)?, side(received)?].map(|one| scaled(one, config.scaling));
                concatenate(Axis(1), &[sides[0].view(), sides[1].view()]).map_err(|error| {
                    Error::Recording {
                        problem: error.to_string(),
                        hint: "take --points outgoing or incoming".to_owned(),
                    }
                })?
            }
        };
        Ok(scaled(points, config.scaling))
    }

    fn need<'a>(&self, matrix: Option<&'a Array2<f64>>, points: PointSet) -> Result<&'a Array2<f64>, Error> {
        matrix.ok_or_else(|| Error::Recording {
            problem: format!(
                "`{}` points need weights that are not there",
                crate::weight_manifold::config::kebab(points)
            ),
            hint: "name the array with --input or --output, or take other --points".to_owned(),
        })
    }
}

fn entry(entries: Entries, weight: f64) -> f64 {
    match entries {
        Entries::Raw => weight,
        Entries::Root => weight.signum() * weight.abs().sqrt(),
        Entries::Binary => f64::from(u8::from(weight != 0.0)),
    }
}

/// A neuron without any weight keeps its zeros.
pub(super) fn scaled(mut points: Array2<f64>, scaling: Scaling) -> Array2<f64> {
    if scaling == Scaling::UnitNorm {
        for mut point in points.rows_mut() {
            let length = point.dot(&point).sqrt();
            if length > 0.0 {
                point /= length;
            }
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn columns_send_and_rows_receive() -> Result<(), Error> {
        // W[post, pre]: neuron 0 sends 3 to neuron 1, neuron 1 sends 4 to neuron 2.
        let weights = Weights::of_circuit(array![[0.0, 0.0, 0.0], [3.0, 0.0, 0.0], [0.0, 4.0, 0.0]]);
        let points = |points, scaling| {
            weights.points(&ExtractConfig { points, scaling, ..ExtractConfig::default() }, Seed(1))
        };
        assert_eq!(points(PointSet::Outgoing, Scaling::None)?.row(0).to_vec(), [0.0, 3.0, 0.0]);
        assert_eq!(points(PointSet::Incoming, Scaling::None)?.row(1).to_vec(), [3.0, 0.0, 0.0]);
        let both = points(PointSet::Both, Scaling::UnitNorm)?;
        let root = 0.5_f64.sqrt();
        assert!((both[[1, 2]] - root).abs() < 1e-12 && (both[[1, 3]] - root).abs() < 1e-12, "{both}");
        // Neuron 2 sends nothing: only its inputs count.
        assert_eq!(both.row(2).to_vec(), [0.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        Ok(())
    }

    #[test]
    fn weights_that_are_not_there_are_named() {
        let weights = Weights { outgoing: None, incoming: Some(array![[1.0]]) };
        let refused = weights.points(&ExtractConfig::default(), Seed(1));
        assert!(matches!(refused, Err(Error::Recording { .. })));
    }
}
