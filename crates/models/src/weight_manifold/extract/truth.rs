//! What is known of each neuron's latent variables.

use ndarray::{Array2, ArrayView2};
use neuroloom_analysis::manifold::quality::LatentAxis;
use neuroloom_sim::{LatentAxis as Axis, LatentGroup, TunedNeuron};

use crate::Error;

/// Latent variables of neurons; angles in turns, 0 to 1.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NeuronTruth {
    /// One a neuron; `None` where nothing is known.
    pub neurons: Vec<Option<KnownNeuron>>,
    /// Axes of each group.
    pub groups: Vec<TrueGroup>,
}

/// What is known of one neuron.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownNeuron {
    /// Position of its group.
    pub group: usize,
    /// One number an axis of the group; angles in turns.
    pub latent: Vec<f64>,
}

/// The latent space of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct TrueGroup {
    /// Its name.
    pub name: String,
    /// Its axes.
    pub axes: Vec<Axis>,
}

impl NeuronTruth {
    /// Of simulated inputs.
    pub fn of_inputs(neurons: &[TunedNeuron], groups: &[LatentGroup]) -> Self {
        let known = |one: &TunedNeuron| Some(KnownNeuron { group: one.group, latent: one.centre.clone() });
        let named = |(place, one): (usize, &LatentGroup)| TrueGroup {
            name: if groups.len() > 1 {
                format!("{} {}", one.space.name(), place + 1)
            } else {
                one.space.name().to_owned()
            },
            axes: one.space.axes().to_vec(),
        };
        Self {
            neurons: neurons.iter().map(known).collect(),
            groups: groups.iter().enumerate().map(named).collect(),
        }
    }

    /// The truth of some neurons, in the order of `rows`.
    pub fn select(&self, rows: &[usize]) -> Self {
        let neurons = rows.iter().map(|&row| self.neurons.get(row).cloned().flatten()).collect();
        Self { neurons, groups: self.groups.clone() }
    }

    /// Whether there is one for each of `n` neurons.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if there are more or fewer.
    pub fn check(&self, n: usize) -> Result<(), Error> {
        if self.neurons.len() == n {
            return Ok(());
        }
        Err(Error::Mismatch { what: "the truth", given: self.neurons.len(), expected: n })
    }

    /// The group that most of `members` belong to and its share of those that are known; `None` if none is.
    pub(crate) fn majority(&self, members: &[usize]) -> Option<(usize, f64)> {
        let mut counts = vec![0_usize; self.groups.len()];
        members
            .iter()
            .filter_map(|&one| self.neurons[one].as_ref())
            .for_each(|known| counts[known.group] += 1);
        let total: usize = counts.iter().sum();
        // Of equals the first.
        let (group, most) = counts.iter().enumerate().rev().max_by_key(|(_, count)| **count)?;
        (total > 0).then(|| (group, *most as f64 / total as f64))
    }

    /// Places within `members` of those that belong to `group`, and their latents, `[neuron, axis]`.
    pub(super) fn of_group(&self, members: &[usize], group: usize) -> (Vec<usize>, Array2<f64>) {
        let places: Vec<usize> = (0..members.len())
            .filter(|&place| self.neurons[members[place]].as_ref().is_some_and(|known| known.group == group))
            .collect();
        let n_axes = self.groups[group].axes.len();
        let latents = Array2::from_shape_fn((places.len(), n_axes), |(row, axis)| {
            self.neurons[members[places[row]]].as_ref().map_or(f64::NAN, |known| known.latent[axis])
        });
        (places, latents)
    }
}

impl TrueGroup {
    /// Its axes as the scores know them.
    pub(super) fn latent_axes(&self) -> Vec<LatentAxis> {
        let known = |axis: &Axis| match axis {
            Axis::Circle => LatentAxis::Circle { period: 1.0 },
            Axis::Segment => LatentAxis::Interval,
        };
        self.axes.iter().map(known).collect()
    }

    /// Latents with every angle as a point on a circle of circumference 1, so that straight distances make sense.
    pub(super) fn unrolled(&self, latents: ArrayView2<'_, f64>) -> Array2<f64> {
        let mut columns: Vec<Vec<f64>> = Vec::new();
        for (axis, column) in self.axes.iter().zip(latents.columns()) {
            match axis {
                Axis::Segment => columns.push(column.to_vec()),
                Axis::Circle => {
                    let radius = 1.0 / std::f64::consts::TAU;
                    let on_circle = |part: fn(f64) -> f64| {
                        column.iter().map(|turn| radius * part(std::f64::consts::TAU * turn)).collect()
                    };
                    columns.extend([on_circle(f64::cos), on_circle(f64::sin)]);
                }
            }
        }
        Array2::from_shape_fn((latents.nrows(), columns.len()), |(row, column)| columns[column][row])
    }
}
