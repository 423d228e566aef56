//! Classes of receivers: what each row prefers, the groups of that, and one psi a group.

use ndarray::Axis;

use super::choice::{Candidates, ENOUGH, FEW_STEPS, MOST_CLASSES, ROUNDS, members};
use super::equations::Equations;
use super::grouping::group;
use super::normal::Design;
use super::plan::{Psi, ReceiverClass};
use super::receivers::{favourites, losses, preferences};
use super::transfer::Transfer;
use crate::Error;

/// Widths that a row chooses among, in standard deviations of activity.
const WIDTHS: [f64; 10] = [0.05, 0.08, 0.13, 0.2, 0.32, 0.5, 0.8, 1.3, 2.0, 3.2];

impl Candidates<'_> {
    /// One psi a class of receivers; `None` where rows do not differ in what they prefer.
    pub(super) fn by_receiver(&self, start: &Psi) -> Result<Option<Psi>, Error> {
        let bases = self.plan.dense_bases()?;
        let everyone: Vec<usize> = (0..self.equations.n).collect();
        let design = Design { bases: &bases, bump: &self.scheme.bump, receivers: &everyone };
        let thinned = self.equations.thinned(ENOUGH * (self.equations.n + bases.n_functions()));
        let knots = self.plan.transfer_knots;
        let widths: Vec<Transfer> = WIDTHS
            .iter()
            .map(|width| Transfer::bounded(self.plan.domain, width * self.plan.std, knots))
            .collect::<Result<_, _>>()?;
        let of_width = losses(&design, &thinned, &widths, start.ridge, self.search.events)?;
        let chosen = group(&preferences(&of_width), MOST_CLASSES, self.search.seed.split("receivers"))?;
        if chosen.n_clusters < 2 {
            return Ok(None);
        }
        let mut labels = chosen.labels;
        let mut classes = Vec::new();
        for class in 0..chosen.n_clusters {
            let receivers = members(&labels, class);
            let mean = of_width.select(Axis(0), &receivers).mapv(f64::ln).sum_axis(Axis(0));
            let best = favourites(&mean.insert_axis(Axis(0)))[0];
            classes.push(ReceiverClass { transfer: widths[best].clone(), receivers, share: start.share });
        }
        let mut steps = 0;
        for round in 0..=ROUNDS {
            for class in &mut classes {
                let (refined, more) =
                    self.refined(class.transfer.clone(), class.receivers.clone(), (&bases, FEW_STEPS))?;
                (*class, steps) = (refined, steps + more);
            }
            if round == ROUNDS
                || !self.ask_again(&mut classes, &mut labels, (&design, &thinned, start.ridge))?
            {
                break;
            }
        }
        let note = format!("{} classes of receivers by the psi that leaves each the least", classes.len());
        Ok(Some(Psi {
            classes,
            bases,
            ridge: start.ridge,
            update: 0.0,
            width: start.width,
            steps,
            share: start.share,
            field: start.field.clone(),
            notes: [start.notes.clone(), vec![note]].concat(),
        }))
    }

    /// Lets every receiver choose among the psi of the classes; whether any has changed. Classes that nobody
    /// chooses are dropped.
    pub(super) fn ask_again(
        &self,
        classes: &mut Vec<ReceiverClass>,
        labels: &mut Vec<usize>,
        (design, equations, ridge): (&Design<'_>, &Equations, f64),
    ) -> Result<bool, Error> {
        let candidates: Vec<Transfer> = classes.iter().map(|class| class.transfer.clone()).collect();
        let found = favourites(&losses(design, equations, &candidates, ridge, self.search.events)?);
        let changed = found != *labels;
        for (label, class) in classes.iter_mut().enumerate() {
            class.receivers = members(&found, label);
        }
        classes.retain(|class| class.receivers.len() >= 2);
        let of = |receiver: usize| classes.iter().position(|class| class.receivers.contains(&receiver));
        *labels = (0..found.len()).map(|receiver| of(receiver).unwrap_or(0)).collect();
        for (label, class) in classes.iter_mut().enumerate() {
            class.receivers = members(labels, label);
        }
        Ok(changed)
    }
}
