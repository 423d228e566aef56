//! Descent on a smooth surrogate.

use neuroloom_nn::kernel::AdamConfig;
use neuroloom_nn::optim::Adam;

use super::controller::{Request, Steered, SteeringConfig};
use super::space::CodeSpace;
use super::surrogate::Surrogate;
use super::tilt::Tilt;
use crate::Error;

/// Size of a step of Adam, in standard deviations of the codes.
const LEARNING_RATE: f32 = 0.05;

/// Adam on sum over targets of ((g(s) - y*) / sd)² + lambda |s|² / 2, from the start.
pub(super) fn steer(
    (space, surrogate): (&CodeSpace, &Surrogate),
    request: &Request<'_>,
    config: &SteeringConfig,
) -> Result<Steered, Error> {
    let start = space.standardise(request.start);
    let mut here: Vec<f32> = start.iter().map(|value| *value as f32).collect();
    let wanted: Vec<(usize, f64)> = request
        .targets
        .iter()
        .map(|target| {
            let model = &space.metrics()[target.metric];
            (target.metric, (target.value - model.mean) / model.sd)
        })
        .collect();
    let pull = |metric: usize, value: f64| {
        wanted.iter().find(|(asked, _)| *asked == metric).map_or(0.0, |(_, wanted)| 2.0 * (value - wanted))
    };
    let settings = AdamConfig { learning_rate: LEARNING_RATE, ..AdamConfig::default() };
    let mut adam = Adam::new(&[("code", here.len(), settings)])?;
    for step in 0..config.gradient_steps {
        let mut gradient = surrogate.gradient(&here, pull)?;
        for (gradient, s) in gradient.iter_mut().zip(&here) {
            *gradient += config.code_penalty as f32 * s;
        }
        // Ever smaller steps, so that it comes to rest.
        adam.set_rate_factor(1.0 - step as f32 / config.gradient_steps as f32);
        adam.begin_step();
        adam.update("code", &mut here, &gradient)?;
    }
    let there: Vec<f64> = here.iter().map(|value| f64::from(*value)).collect();
    let step: Vec<f64> = there.iter().zip(&start).map(|(there, start)| there - start).collect();
    let row = ndarray::ArrayView2::from_shape((1, there.len()), &there);
    let predicted = match row {
        Ok(row) => surrogate.predict(row)?,
        Err(_) => return Err(Error::Singular { stage: "steering" }),
    };
    Ok(Steered {
        code: space.moved(request.start, &step),
        tilt: Tilt::default(),
        n_evaluations: 0,
        expected: request.targets.iter().map(|target| predicted[[0, target.metric]]).collect(),
    })
}
