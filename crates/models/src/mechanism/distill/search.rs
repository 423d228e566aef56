//! All searches of all curves, spread over threads, in an order that does not depend on them.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use neuroloom_analysis::symbolic::{Discovery, Expression, choose, dictionary, evolve};
use neuroloom_core::{Event, Listener, Seed};
use rayon::prelude::*;

use super::curves::SampledCurve;
use super::{DistillInputs, check_cancelled, started};
use crate::Error;

/// One genetic search.
#[derive(Clone, Copy)]
struct Task {
    curve: usize,
    seed: Seed,
}

/// One discovery a curve.
pub(super) fn discover(
    curves: &[&SampledCurve],
    inputs: &DistillInputs<'_>,
    events: &dyn Listener,
) -> Result<Vec<Discovery>, Error> {
    let tasks = tasks(curves, inputs);
    started(events, "formulas", tasks.len());
    let proposals = run(curves, &tasks, inputs, events)?;
    check_cancelled(events)?;
    let one = |(place, curve): (usize, &&SampledCurve)| -> Result<Discovery, Error> {
        let mut forms = dictionary(&curve.samples);
        let own = tasks.iter().zip(&proposals).filter(|(task, _)| task.curve == place);
        forms.extend(own.flat_map(|(_, found)| found.iter().cloned()));
        Ok(choose(&curve.samples, &forms, inputs.config)?)
    };
    let found = curves.par_iter().enumerate().map(one).collect::<Result<Vec<_>, _>>()?;
    events.emit(Event::Finished);
    Ok(found)
}

fn tasks(curves: &[&SampledCurve], inputs: &DistillInputs<'_>) -> Vec<Task> {
    let seed = inputs.seed.split("formulas");
    let restarts = inputs.config.restarts;
    let of_curve = |(curve, given): (usize, &&SampledCurve)| {
        let own = seed.split(&given.name);
        (0..restarts).map(move |restart| Task { curve, seed: own.nth(restart as u64) }).collect::<Vec<_>>()
    };
    curves.iter().enumerate().flat_map(of_curve).collect()
}

/// What one search proposes.
type Found = Result<Vec<Expression>, Error>;

/// As many threads as the pool has take tasks one after the other. Not by the pool itself: its threads would take
/// up a further task while they wait for the one-threaded pool of a search, and run them all at once.
fn run(
    curves: &[&SampledCurve],
    tasks: &[Task],
    inputs: &DistillInputs<'_>,
    events: &dyn Listener,
) -> Result<Vec<Vec<Expression>>, Error> {
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let found: Vec<Mutex<Option<Found>>> = tasks.iter().map(|_| Mutex::new(None)).collect();
    std::thread::scope(|scope| {
        for _ in 0..rayon::current_num_threads().min(tasks.len()) {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(task) = tasks.get(place) else { break };
                    let result = match check_cancelled(events) {
                        Ok(()) => {
                            evolve(&curves[task.curve].samples, inputs.config, task.seed).map_err(Error::from)
                        }
                        Err(stopped) => Err(stopped),
                    };
                    *found[place].lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(result);
                    let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                    events.emit(Event::Step { done: done as u64, loss: None });
                }
            });
        }
    });
    let stopped = || Err(Error::Interrupted { stage: "formulas" });
    found
        .into_iter()
        .map(|one| {
            one.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).unwrap_or_else(stopped)
        })
        .collect()
}
