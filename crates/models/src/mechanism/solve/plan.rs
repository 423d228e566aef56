//! What is decided before W is solved: which equations, which psi, which penalties.

use rand_chacha::rand_core::Rng;

use neuroloom_core::{Event, Listener, Seed, Warning};

use super::NOISE_FREE;
use super::choice::Candidates;
use super::eliminate::Penalties;
use super::equations::{Equations, Scheme, Selection};
use super::modulation::{Field, Windows};
use super::normal::{Design, Knots, UpdateBases};
use super::refine::{MOST_STEPS, Problem, refine};
use super::regularise::{Chosen, cross_validate};
use super::sharpen::sharpen;
use super::start::{normal_of, residual_share, scan_widths};
use super::survey::Survey;
use super::transfer::{Domain, Transfer};
use crate::Error;
use crate::mechanism::{KnotSpacing, SolveConfig, TransferFunctions, UpdateChoice};

/// Ridge, relative to the mean eigenvalue of P'P, that only keeps a determined problem well posed.
const NEGLIGIBLE_RIDGE: f64 = 1e-10;
/// Equations per unknown of a row above which noise averages out and no ridge is wanted.
const DETERMINED: usize = 10;
/// Receivers that drive psi, and as many that judge it.
const PSI_ROWS: usize = 20;
/// Samples (equations x neurons) of the first round at least.
const PSI_SAMPLES: usize = 4_000_000;
/// Most bytes of states kept in memory for the fit of psi.
const MOST_BYTES: usize = 400 << 20;
/// More knots of phi where psi does not lend it its curvature near rest.
const MORE_KNOTS: usize = 6;
/// Scale of those knots as a share of the standard deviation of activity.
const DENSE: f64 = 0.1;

/// What is decided before anything is fitted.
pub(super) struct Plan<'a> {
    pub(super) config: &'a SolveConfig,
    pub(super) domain: Domain,
    pub(super) transfer_knots: usize,
    pub(super) selection: Selection,
    pub(super) n_available: usize,
    /// Standard deviation of activity.
    pub(super) std: f64,
    pub(super) lower: Vec<f64>,
    pub(super) upper: Vec<f64>,
    update_knots: usize,
}

/// Seed and listener of a search.
#[derive(Clone, Copy)]
pub(super) struct Search<'a> {
    pub(super) seed: Seed,
    pub(super) events: &'a dyn Listener,
}

/// psi and the penalties that go with it.
pub(super) struct Psi {
    /// One a class of receivers; together they hold every receiver once.
    pub(super) classes: Vec<ReceiverClass>,
    pub(super) bases: UpdateBases,
    pub(super) ridge: f64,
    pub(super) update: f64,
    pub(super) width: f64,
    pub(super) steps: usize,
    /// What the rows that drove psi leave of dx/dt, as a share.
    pub(super) share: f64,
    pub(super) notes: Vec<String>,
    /// Which receivers are scaled from outside, where that was asked for.
    pub(super) field: Option<Field>,
}

/// Receivers that share one psi (or one for each class of senders).
#[derive(Clone)]
pub(super) struct ReceiverClass {
    pub(super) transfer: Transfer,
    /// Positions among the neurons that take part, ascending.
    pub(super) receivers: Vec<usize>,
    /// What the rows that drove psi leave of dx/dt, as a share.
    pub(super) share: f64,
}

impl Psi {
    /// Whether one function stands for all neurons.
    pub(super) fn is_shared(&self) -> bool {
        matches!(&self.classes[..], [class] if class.transfer.class.is_empty())
    }

    /// Penalties for an absolute ridge.
    pub(super) fn penalties(&self, ridge: f64) -> Penalties {
        match self.update {
            0.0 => Penalties::negligible(ridge),
            update => Penalties::shrinking(ridge, update),
        }
    }

    /// psi as it is stored, for all `n` neurons of the recording; those left out are of class 0.
    pub(super) fn finish(&self, kept: &[usize], n: usize) -> Result<TransferFunctions, Error> {
        let mut receiver_class = vec![0; n];
        let mut sender_class = vec![0; n];
        for (label, class) in self.classes.iter().enumerate() {
            class.receivers.iter().for_each(|&one| receiver_class[kept[one]] = label as u32);
        }
        if let Some(class) = self.classes.first() {
            (0..kept.len()).for_each(|one| sender_class[kept[one]] = class.transfer.class_of(one) as u32);
        }
        let of_class: Vec<_> =
            self.classes.iter().map(|class| class.transfer.finish()).collect::<Result<_, _>>()?;
        Ok(TransferFunctions {
            functions: of_class.concat(),
            receiver_class,
            sender_class,
            n_sender_classes: self.classes.first().map_or(1, |class| class.transfer.coefficients.len()),
        })
    }
}

impl<'a> Plan<'a> {
    pub(super) fn new(scheme: &Scheme<'_>, survey: &Survey, config: &'a SolveConfig) -> Result<Self, Error> {
        let n_available = scheme.n_available();
        if n_available < 8 {
            return Err(Error::Recording {
                problem: format!("the recording gives {n_available} equations, at least 8 are needed"),
                hint: "record more frames, or use `--target difference`".to_owned(),
            });
        }
        // Few neurons must make up in frames what they lack in rows: psi is fitted to all of them together.
        let wanted = (config.equations_per_neuron * scheme.n()).max(PSI_SAMPLES / scheme.n());
        let fits = (MOST_BYTES / (4 * scheme.n() * scheme.bump.len())).max(1);
        let selection = Selection::first(n_available, wanted.min(fits));
        let update_knots = config.update_knots.min((n_available / 30).max(4));
        Ok(Self {
            config,
            domain: Domain::new(&survey.lower, &survey.upper),
            transfer_knots: config.transfer_knots.min((n_available / 20).max(4)),
            selection,
            n_available,
            std: survey.std,
            lower: survey.lower.clone(),
            upper: survey.upper.clone(),
            update_knots,
        })
    }

    /// At least so many equations, as far as there are any and memory holds them.
    pub(super) fn selection_of(&self, scheme: &Scheme<'_>, wanted: usize) -> Selection {
        let fits = (MOST_BYTES / (4 * scheme.n() * scheme.bump.len())).max(1);
        Selection::first(self.n_available, wanted.min(fits))
    }

    /// Bases of phi while one psi is fitted for all.
    fn bases(&self) -> Result<UpdateBases, Error> {
        match self.config.update {
            UpdateChoice::Own => self.equal_bases(),
            UpdateChoice::Shared => UpdateBases::shared(self.lower.len(), self.domain, self.dense_knots()),
        }
    }

    /// Bases of phi at equal steps: a shared psi lends phi its curvature near rest.
    fn equal_bases(&self) -> Result<UpdateBases, Error> {
        let knots = Knots { n: self.update_knots, spacing: KnotSpacing::Equal };
        UpdateBases::new(&self.lower, &self.upper, knots, self.domain.center)
    }

    /// Bases of phi that are dense near rest, for classes whose psi may be too wide to help.
    pub(super) fn dense_bases(&self) -> Result<UpdateBases, Error> {
        UpdateBases::new(&self.lower, &self.upper, self.dense_knots(), self.domain.center)
    }

    fn dense_knots(&self) -> Knots {
        let spacing = KnotSpacing::Dense { center: self.domain.center, scale: DENSE * self.std };
        Knots { n: self.update_knots + MORE_KNOTS, spacing }
    }

    /// Ridge on W, relative.
    pub(super) fn ridge(&self) -> f64 {
        self.config.ridge.unwrap_or(NEGLIGIBLE_RIDGE)
    }

    /// psi, from a noise-free or long recording by refinement, from a short noisy one by cross-validation.
    pub(super) fn transfer(
        &self,
        scheme: &Scheme<'_>,
        equations: &Equations,
        search: Search<'_>,
    ) -> Result<Psi, Error> {
        let bases = self.bases()?;
        let field = self.field(scheme, &bases, equations, search)?;
        let quiet = field.as_ref().map_or_else(|| (0..scheme.n()).collect(), Field::quiet);
        let (receivers, n_fitted) = psi_rows(quiet.clone(), search.seed);
        let design = Design { bases: &bases, bump: &scheme.bump, receivers: &receivers };
        let ridge = self.ridge();
        let unknowns = scheme.n() + bases.n_functions();
        let long = self.n_available >= DETERMINED * unknowns;
        if !long && self.n_available * 5 < unknowns * 6 {
            let chosen = cross_validate(&design, equations, self.domain, self.config.ridge, search.events)?;
            return self.undetermined(bases, chosen, search.events);
        }
        let width = scan_widths(&design, equations, self.domain, ridge, search.events)?;
        let start = Transfer::bounded(self.domain, width, self.transfer_knots)?;
        if !long && residual_share(&normal_of(&design, equations, &start)?, ridge)? > NOISE_FREE {
            let chosen = cross_validate(&design, equations, self.domain, self.config.ridge, search.events)?;
            return self.undetermined(bases, chosen, search.events);
        }
        let scale = target_square(equations, &receivers[..n_fitted]);
        let problem = Problem { design, n_fitted, equations, ridge, scale, most_steps: MOST_STEPS };
        let coarse = refine(&problem, start, search.events)?;
        let refined = sharpen(&problem, coarse, (self, width), search.events)?;
        let mut notes = vec![format!(
            "psi started from a bounded function of width {width:.3} and took {} Levenberg-Marquardt steps on {} rows",
            refined.steps, n_fitted
        )];
        notes.extend(field.as_ref().map(Field::describe));
        let (transfer, steps, share) = (refined.transfer, refined.steps, refined.share);
        let everyone = ReceiverClass { transfer, receivers: (0..scheme.n()).collect(), share };
        let shared =
            Psi { classes: vec![everyone], bases, ridge, update: 0.0, width, steps, share, notes, field };
        Candidates { plan: self, scheme, equations, search, quiet: &quiet }.choose(shared)
    }

    /// Receivers whose recurrent sum is scaled from outside, where windows were asked for.
    fn field(
        &self,
        scheme: &Scheme<'_>,
        bases: &UpdateBases,
        equations: &Equations,
        search: Search<'_>,
    ) -> Result<Option<Field>, Error> {
        if self.config.modulation_windows == 0 {
            return Ok(None);
        }
        let everyone: Vec<usize> = (0..scheme.n()).collect();
        let design = Design { bases, bump: &scheme.bump, receivers: &everyone };
        let width = scan_widths(&design, equations, self.domain, self.ridge(), search.events)?;
        let start = Transfer::bounded(self.domain, width, self.transfer_knots)?;
        // N + 1 frames are N steps: a window ends where a slice of the field does.
        let n_frames = scheme.n_frames().saturating_sub(1).max(1);
        let windows = Windows { count: self.config.modulation_windows, n_frames };
        Ok(Some(Field::detect(&design, equations, &start, (windows, self.ridge()), search.events)?))
    }

    fn undetermined(&self, bases: UpdateBases, chosen: Chosen, events: &dyn Listener) -> Result<Psi, Error> {
        let n = bases.basis.len();
        let message = format!(
            "{} noisy equations for {} unknowns a neuron do not determine W: ridge {:.3} and penalty {:.3} \
             were chosen by cross-validation in time, weights are shrunk towards 0",
            self.n_available,
            n + bases.n_functions(),
            chosen.ridge,
            chosen.update,
        );
        events.emit(Event::Warning(Warning::new("undetermined", message.clone())));
        let transfer = Transfer::bounded(self.domain, chosen.width, self.transfer_knots)?;
        let Chosen { width, ridge, update, share } = chosen;
        let note = format!("held-out residual of dx/dt {share:.4} of its variance in cross-validation");
        let classes = vec![ReceiverClass { transfer, receivers: (0..n).collect(), share }];
        Ok(Psi {
            classes,
            bases,
            ridge,
            update,
            width,
            steps: 0,
            share,
            notes: vec![message, note],
            field: None,
        })
    }
}

/// Receivers that drive psi, then those that judge it. Few neurons: all of them drive, none judges.
pub(super) fn psi_rows(mut receivers: Vec<usize>, seed: Seed) -> (Vec<usize>, usize) {
    let n = receivers.len();
    if n < 3 * PSI_ROWS {
        return (receivers, n);
    }
    let mut rng = seed.split("rows of psi").rng();
    for place in 0..2 * PSI_ROWS {
        let other = place + (rng.next_u64() % (n - place) as u64) as usize;
        receivers.swap(place, other);
    }
    receivers.truncate(2 * PSI_ROWS);
    (receivers, PSI_ROWS)
}

/// Sum of squares of the targets of some receivers.
pub(super) fn target_square(equations: &Equations, receivers: &[usize]) -> f64 {
    let square = |row: &[f32]| -> f64 { receivers.iter().map(|&one| f64::from(row[one]).powi(2)).sum() };
    equations.targets.chunks_exact(equations.n).map(square).sum::<f64>().max(f64::MIN_POSITIVE)
}
