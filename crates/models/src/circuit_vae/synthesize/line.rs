//! Along the direction of each metric.

use super::controller::{Request, Steered};
use super::space::CodeSpace;
use super::tilt::Tilt;

/// s' = s + (y* - y(s)) w / |w|² for each target in turn: exact for one; for several a later step spoils an earlier a
/// little where their directions are not orthogonal.
pub(super) fn steer(space: &CodeSpace, request: &Request<'_>) -> Steered {
    let start = space.standardise(request.start);
    let mut here = start.clone();
    for target in request.targets {
        let model = &space.metrics()[target.metric];
        let squares: f64 = model.weights.iter().map(|w| w * w).sum();
        if squares > 0.0 {
            let step = (target.value - model.predict(&here)) / squares;
            here.iter_mut().zip(&model.weights).for_each(|(s, w)| *s += step * w);
        }
    }
    let step: Vec<f64> = here.iter().zip(&start).map(|(here, start)| here - start).collect();
    Steered {
        code: space.moved(request.start, &step),
        tilt: Tilt::default(),
        n_evaluations: 0,
        expected: request
            .targets
            .iter()
            .map(|target| space.metrics()[target.metric].predict(&here))
            .collect(),
    }
}
