//! Classes of senders on top of classes of receivers: the linear part of each sender.

use neuroloom_analysis::spline::CubicCurve;

use super::choice::{Candidates, ENOUGH, FEW_STEPS, ROUNDS, SHAPE_ROWS, some_of};
use super::equations::Equations;
use super::normal::Design;
use super::plan::Psi;
use super::refine::MOST_STEPS;
use super::senders::Profiles;
use super::transfer::{SenderClasses, Transfer};
use crate::Error;

impl Candidates<'_> {
    /// Classes of senders on top of classes of receivers: the linear part of each sender, from the receivers of
    /// the narrowest psi, which alone can tell it from the psi itself.
    pub(super) fn by_both(&self, receivers: &Psi) -> Result<Option<Psi>, Error> {
        let grid = self.grid();
        let mut narrowest = (f64::INFINITY, 0);
        for (label, class) in receivers.classes.iter().enumerate() {
            let width = half_height(&class.transfer.curves()?[0], &grid);
            if width < narrowest.0 && class.receivers.len() >= 20 {
                narrowest = (width, label);
            }
        }
        let class = &receivers.classes[narrowest.1];
        let line = Transfer::projected(
            self.plan.domain,
            (self.plan.std, 5),
            &[|x: f64| x - self.plan.domain.center],
            SenderClasses::one(self.plan.domain),
        )?;
        let features = [class.transfer.curves()?, line.curves()?].concat();
        let thinned = self.equations.thinned(ENOUGH * (self.equations.n + receivers.bases.n_functions()));
        let rows = some_of(&class.receivers, SHAPE_ROWS);
        let design = Design { bases: &receivers.bases, bump: &self.scheme.bump, receivers: &rows };
        let profiles = Profiles {
            design,
            equations: &thinned,
            features: &features,
            grid: &grid,
            ridge: receivers.ridge,
            most_steps: 8,
        };
        let shapes = profiles.fit(&[1.0, 0.0], self.search.events)?;
        let Some((labels, means)) = self.classes(&shapes)? else { return Ok(None) };
        let mut classes = Vec::new();
        let mut steps = receivers.steps;
        let center = means.iter().fold(vec![0.0; grid.len()], |sum, mean| {
            sum.iter().zip(mean).map(|(a, b)| a + b / means.len() as f64).collect()
        });
        for class in &receivers.classes {
            // What the linear part of a class differs in from that of all bends every psi alike.
            let own = &class.transfer.curves()?[0];
            let starts: Vec<_> = means
                .iter()
                .map(|mean| {
                    let slope = slope_of(&grid, mean, &center);
                    move |x: f64| own.value(x) + slope * (x - self.plan.domain.center)
                })
                .collect();
            let transfer = self.start(&starts, labels.clone())?;
            let (refined, more) =
                self.refined(transfer, class.receivers.clone(), (&receivers.bases, MOST_STEPS))?;
            classes.push(refined);
            steps += more;
        }
        let note = format!("{} classes of senders by the linear part of psi", means.len());
        let mut psi = Psi {
            classes,
            bases: self.plan.dense_bases()?,
            ridge: receivers.ridge,
            update: 0.0,
            width: receivers.width,
            steps,
            share: receivers.share,
            field: receivers.field.clone(),
            notes: [receivers.notes.clone(), vec![note]].concat(),
        };
        self.settle(&mut psi, &thinned)?;
        Ok(Some(psi))
    }

    /// Receivers choose again among the refined psi of the pairs of classes.
    fn settle(&self, psi: &mut Psi, thinned: &Equations) -> Result<(), Error> {
        let everyone: Vec<usize> = (0..self.equations.n).collect();
        for _ in 0..ROUNDS {
            let design = Design { bases: &psi.bases, bump: &self.scheme.bump, receivers: &everyone };
            let mut labels = vec![0; everyone.len()];
            for (label, class) in psi.classes.iter().enumerate() {
                class.receivers.iter().for_each(|&one| labels[one] = label);
            }
            let changed = self.ask_again(&mut psi.classes, &mut labels, (&design, thinned, psi.ridge))?;
            if !changed {
                break;
            }
            for class in &mut psi.classes {
                *class =
                    self.refined(class.transfer.clone(), class.receivers.clone(), (&psi.bases, FEW_STEPS))?.0;
            }
        }
        Ok(())
    }
}

/// Where a curve first reaches half of its value at the right end of the grid.
fn half_height(curve: &CubicCurve, grid: &[f64]) -> f64 {
    let end = curve.value(grid[grid.len() - 1]);
    let middle = grid.len() / 2;
    grid[middle..].iter().copied().find(|&x| curve.value(x) >= 0.5 * end).unwrap_or(f64::INFINITY)
}

/// Slope of the line nearest to the difference of two curves.
fn slope_of(grid: &[f64], curve: &[f64], from: &[f64]) -> f64 {
    let center = grid[grid.len() / 2];
    let up: f64 = grid.iter().zip(curve).zip(from).map(|((x, a), b)| (x - center) * (a - b)).sum();
    up / grid.iter().map(|x| (x - center).powi(2)).sum::<f64>()
}
