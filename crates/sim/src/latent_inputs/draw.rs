//! Drawing latents and the activity that they cause.

use ndarray::{Array2, ArrayView2, s};
use neuroloom_core::Seed;
use rand::RngExt;
use rand_distr::{Beta, Distribution, StandardNormal};

use super::config::{CentreLayout, LatentDistribution, LatentGroup, LatentInputConfig};
use crate::Error;

/// An input neuron: which group it belongs to and where its receptive field lies.
#[derive(Debug, Clone, PartialEq)]
pub struct TunedNeuron {
    /// Position of its group.
    pub group: usize,
    /// Centre of its receptive field, one number an axis of the group's space, in 0 to 1.
    pub centre: Vec<f64>,
}

/// Inputs with the latents that caused them.
///
/// # Shapes
/// Rows of `train` and `held_out` are moments, trial after trial; columns are neurons. `train_latents` and
/// `held_out_latents` have the same rows and one column a latent, group after group.
#[derive(Debug, Clone, PartialEq)]
pub struct LatentInputs {
    /// Inputs to train on, `[moment, neuron]`.
    pub train: Array2<f64>,
    /// Held-out inputs, `[moment, neuron]`.
    pub held_out: Array2<f64>,
    /// Latents of `train`, `[moment, latent]`.
    pub train_latents: Array2<f64>,
    /// Latents of `held_out`, `[moment, latent]`.
    pub held_out_latents: Array2<f64>,
    /// The neurons, in the order of the columns.
    pub neurons: Vec<TunedNeuron>,
}

/// Draws latents, receptive fields and inputs.
///
/// # Errors
/// [`Error::Config`] for a setting out of range.
///
/// # Examples
/// ```
/// use neuroloom_core::Seed;
/// use neuroloom_sim::{LatentInputConfig, draw_latent_inputs};
/// let inputs = draw_latent_inputs(&LatentInputConfig::default(), Seed(1))?;
/// assert_eq!(inputs.train.dim(), (4000, 100));
/// assert!(inputs.train.iter().all(|&x| (0.0..=0.1).contains(&x)));
/// # Ok::<(), neuroloom_sim::Error>(())
/// ```
pub fn draw_latent_inputs(config: &LatentInputConfig, seed: Seed) -> Result<LatentInputs, Error> {
    config.check()?;
    let neurons = neurons(config, seed.split("receptive fields"));
    let latents = latents(config, seed.split("latents"));
    let mut values = responses(config, &neurons, latents.view());
    if config.noise > 0.0 {
        let mut rng = seed.split("input noise").rng();
        values.mapv_inplace(|value| {
            let noise: f64 = StandardNormal.sample(&mut rng);
            value + config.noise * noise
        });
    }
    let is_train = |row: usize| row % config.steps < config.n_train_steps();
    let (train, held_out): (Vec<usize>, Vec<usize>) = (0..values.nrows()).partition(|&row| is_train(row));
    let rows = |of: &Array2<f64>, rows: &[usize]| of.select(ndarray::Axis(0), rows);
    Ok(LatentInputs {
        train: rows(&values, &train),
        held_out: rows(&values, &held_out),
        train_latents: rows(&latents, &train),
        held_out_latents: rows(&latents, &held_out),
        neurons,
    })
}

fn neurons(config: &LatentInputConfig, seed: Seed) -> Vec<TunedNeuron> {
    let of_group = |(group, one): (usize, &LatentGroup)| {
        let centres = match one.centres {
            CentreLayout::Grid => grid(one),
            CentreLayout::Random => {
                let mut rng = seed.nth(group as u64).rng();
                let n_axes = one.space.n_axes();
                (0..one.n_neurons()).map(|_| (0..n_axes).map(|_| rng.random()).collect()).collect()
            }
        };
        centres.into_iter().map(move |centre| TunedNeuron { group, centre })
    };
    config.groups.iter().enumerate().flat_map(of_group).collect()
}

/// The Cartesian product of regular grids; the last axis runs fastest.
fn grid(group: &LatentGroup) -> Vec<Vec<f64>> {
    let n = group.n_per_axis();
    let n_axes = group.space.n_axes() as u32;
    let place = |neuron: usize, axis: u32| (neuron / n.pow(n_axes - 1 - axis) % n) as f64 / n as f64;
    (0..group.n_neurons()).map(|neuron| (0..n_axes).map(|axis| place(neuron, axis)).collect()).collect()
}

/// All latents of all trials, `[moment, latent]`; each latent has a stream of its own.
fn latents(config: &LatentInputConfig, seed: Seed) -> Array2<f64> {
    let axes = config
        .groups
        .iter()
        .flat_map(|group| group.space.axes().iter().map(move |&axis| (axis, group.distribution)));
    let axes: Vec<_> = axes.collect();
    let mut values = Array2::zeros((config.trials * config.steps, axes.len()));
    for (column, (axis, distribution)) in axes.into_iter().enumerate() {
        let mut rng = seed.nth(column as u64).rng();
        let beta = match distribution {
            LatentDistribution::Beta(a, b) => Beta::new(a, b).ok(),
            LatentDistribution::Uniform => None,
        };
        let mut walk = 0.0_f64;
        for row in 0..values.nrows() {
            let starts = row % config.steps == 0;
            values[[row, column]] = match beta {
                Some(law) => law.sample(&mut rng),
                None if config.tau == 0.0 => rng.random(),
                None => {
                    let step: f64 = StandardNormal.sample(&mut rng);
                    walk = if starts { rng.random() } else { walk + step / config.tau.sqrt() };
                    axis.folded(walk)
                }
            };
        }
    }
    values
}

fn responses(
    config: &LatentInputConfig,
    neurons: &[TunedNeuron],
    latents: ArrayView2<'_, f64>,
) -> Array2<f64> {
    let firsts: Vec<usize> = config
        .groups
        .iter()
        .scan(0, |next, group| {
            let first = *next;
            *next += group.space.n_axes();
            Some(first)
        })
        .collect();
    let mut values = Array2::zeros((latents.nrows(), neurons.len()));
    for (column, neuron) in neurons.iter().enumerate() {
        let group = &config.groups[neuron.group];
        let (first, axes, widths) = (firsts[neuron.group], group.space.axes(), group.widths());
        let own = latents.slice(s![.., first..first + axes.len()]);
        for (row, latent) in own.rows().into_iter().enumerate() {
            let squares = axes.iter().enumerate().map(|(axis, kind)| {
                (kind.distance(latent[axis], neuron.centre[axis]) / widths[axis]).powi(2)
            });
            values[[row, column]] = config.amplitude * (-squares.sum::<f64>()).exp();
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent_inputs::{LatentAxis, LatentSpace};

    fn config(spaces: &[LatentSpace]) -> LatentInputConfig {
        let groups = spaces.iter().map(|&space| LatentGroup::of(space)).collect();
        LatentInputConfig { groups, steps: 500, ..LatentInputConfig::default() }
    }

    #[test]
    fn a_neuron_answers_by_the_distance_to_its_centre() -> Result<(), Error> {
        // 0.1 exp(-(d / 0.1)^2); the neuron at 0 hears a latent at 0.95 across the seam.
        let inputs = draw_latent_inputs(&config(&[LatentSpace::Ring]), Seed(3))?;
        for (latent, row) in inputs.train_latents.column(0).iter().zip(inputs.train.rows()) {
            let apart = LatentAxis::Circle.distance(*latent, 0.25);
            assert!((row[25] - 0.1 * (-(apart / 0.1).powi(2)).exp()).abs() < 1e-12);
        }
        assert_eq!(inputs.neurons[25].centre, [0.25]);
        Ok(())
    }

    #[test]
    fn groups_stand_beside_each_other_and_are_independent() -> Result<(), Error> {
        let inputs = draw_latent_inputs(&config(&[LatentSpace::Ring, LatentSpace::Square]), Seed(3))?;
        assert_eq!(inputs.train.dim(), (400, 325));
        assert_eq!(inputs.train_latents.ncols(), 3);
        assert_eq!((inputs.neurons[99].group, inputs.neurons[100].group), (0, 1));
        // Last axis fastest: neuron 1 of the square lies at (0, 1/15).
        assert_eq!(inputs.neurons[101].centre, [0.0, 1.0 / 15.0]);
        let alone = draw_latent_inputs(&config(&[LatentSpace::Ring]), Seed(3))?;
        assert_eq!(alone.train, inputs.train.slice(s![.., ..100]), "a further group changes nothing");
        Ok(())
    }

    #[test]
    fn walks_are_continuous_within_a_trial_and_start_anew() -> Result<(), Error> {
        let walking = LatentInputConfig {
            tau: 10_000.0,
            trials: 2,
            train_share: 0.5,
            ..config(&[LatentSpace::Cylinder])
        };
        let inputs = draw_latent_inputs(&walking, Seed(5))?;
        let angle = inputs.train_latents.column(0);
        let steps: Vec<f64> =
            angle.windows(2).into_iter().map(|pair| LatentAxis::Circle.distance(pair[0], pair[1])).collect();
        let largest = steps[..249].iter().chain(&steps[250..]).fold(0.0_f64, |most, &one| most.max(one));
        // Steps are N(0, 0.01).
        assert!(largest < 0.06 && largest > 0.01, "{largest}");
        // Half of each trial of 500 trains: row 250 is the first of the second trial.
        assert_eq!(inputs.train.nrows(), 500);
        assert!(steps[249] > 0.06, "{}", steps[249]);
        Ok(())
    }

    #[test]
    fn noise_and_unequal_latents_are_as_asked() -> Result<(), Error> {
        let clean = config(&[LatentSpace::Interval]);
        let noisy = LatentInputConfig { noise: 0.05, ..clean.clone() };
        let (clean_inputs, noisy) =
            (draw_latent_inputs(&clean, Seed(1))?, draw_latent_inputs(&noisy, Seed(1))?);
        let deviation = (&noisy.train - &clean_inputs.train).std(0.0);
        assert!((deviation - 0.05).abs() < 1e-3, "{deviation}");
        let beta = LatentDistribution::Beta(2.0, 5.0);
        let group =
            LatentGroup { distribution: beta, centres: CentreLayout::Random, ..clean.groups[0].clone() };
        let inputs = draw_latent_inputs(&LatentInputConfig { groups: vec![group], ..clean }, Seed(1))?;
        // The mean of Beta(2, 5) is 2/7.
        let mean = inputs.train_latents.mean().unwrap_or_default();
        assert!((mean - 2.0 / 7.0).abs() < 0.03, "{mean}");
        Ok(())
    }
}
