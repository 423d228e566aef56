//! All scaled rows of a class, group by group, and again those that end far from where others end.

use neuroloom_core::{Event, Listener};

use super::super::equations::Equations;
use super::super::normal::Design;
use super::super::transfer::Transfer;
use super::descent::{Descent, ROUNDS};
use super::own_gram::WindowGrams;
use super::pass::{Group, all_messages};
use super::point::Point;
use super::restart::Tried;
use super::{ScaledRow, Windows};
use crate::Error;

/// Starts of a row that ends far from where others end, beside the first.
const RESTARTS: usize = 10;
/// Bytes of the factors of the rows that are solved together, and most of them.
const TOGETHER: usize = 2 << 30;
const MOST_ROWS: usize = 64;

pub(super) struct Search<'a> {
    design: &'a Design<'a>,
    equations: &'a Equations,
    windows: Windows,
    messages: Vec<f64>,
    grams: WindowGrams,
    events: &'a dyn Listener,
    steps: u64,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        design: &'a Design<'a>,
        equations: &'a Equations,
        psi: &Transfer,
        windows: Windows,
        events: &'a dyn Listener,
    ) -> Result<Self, Error> {
        let messages = all_messages(design, equations, psi)?;
        let grams = WindowGrams::new(&messages, &equations.frames, windows, equations.n);
        Ok(Self { design, equations, windows, messages, grams, events, steps: 0 })
    }

    /// Rows that start at Omega = 1.
    pub(super) fn run(&mut self, start: &Point) -> Result<Vec<ScaledRow>, Error> {
        let n = self.equations.n;
        let most = (TOGETHER / (12 * n * n).max(1)).clamp(1, MOST_ROWS);
        let all: Vec<usize> = (0..self.design.receivers.len()).collect();
        let total = (all.len().div_ceil(most) * ROUNDS) as u64;
        self.events.emit(Event::Started { stage: "external field", total: Some(total) });
        let mut found = Vec::with_capacity(all.len());
        for (part, places) in all.chunks(most).enumerate() {
            self.steps = (part * ROUNDS) as u64;
            found.extend(self.descend(places, start.some(places[0]..places[0] + places.len()), None)?);
        }
        self.again(&mut found, most)?;
        self.events.emit(Event::Finished);
        Ok(found)
    }

    /// Rows that end far from where others end, from the Omega of other rows.
    fn again(&mut self, found: &mut [ScaledRow], most: usize) -> Result<(), Error> {
        let mut tried = Tried::default();
        for _ in 0..RESTARTS {
            for starts in tried.next(found).chunks(most) {
                let places: Vec<usize> = starts.iter().map(|(place, _)| *place).collect();
                let point = Point::of(starts.iter().map(|(place, omega)| {
                    let row = &found[*place];
                    [&row.weights[..], &row.coefficients, omega]
                }));
                let first = places.iter().map(|&place| found[place].first).collect();
                for (place, row) in places.iter().zip(self.descend(&places, point, Some(first))?) {
                    if row.loss < found[*place].loss {
                        found[*place] = row;
                    }
                }
            }
        }
        Ok(())
    }

    /// One group of rows from a point.
    fn descend(
        &mut self,
        places: &[usize],
        point: Point,
        first: Option<Vec<f64>>,
    ) -> Result<Vec<ScaledRow>, Error> {
        let receivers: Vec<usize> = places.iter().map(|&place| self.design.receivers[place]).collect();
        let own = Design { receivers: &receivers, ..*self.design };
        let group = Group::new(&own, self.equations, &self.messages, self.windows);
        let mut search = Descent::new(group, &self.grams, point, first)?;
        for _ in 0..ROUNDS {
            if self.events.cancelled() {
                return Err(Error::Interrupted { stage: "external field" });
            }
            search.step()?;
            self.steps += 1;
            self.events.emit(Event::Step { done: self.steps, loss: Some(search.share()) });
            if search.is_done() {
                break;
            }
        }
        Ok(search.rows(&receivers).collect())
    }
}
