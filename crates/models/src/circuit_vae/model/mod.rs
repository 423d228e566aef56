//! The networks, and what a trained model can be asked.

mod batch;
mod decoder;
mod dyad_table;
mod encoder;
mod field;
mod generate;
mod layers;
mod layout;
mod network;
mod slot_types;
mod tensors;

use neuroloom_core::{Circuit, Seed};
use neuroloom_nn::kernel::dyad::DyadScale;

use super::calibration::{Calibration, CodeDistribution};
use super::config::{CircuitVaeConfig, Form};
use super::example::{GraphExample, NodeConditions, Vocabulary};
use super::prepared::Prepared;
use super::synthesize::Tilt;
use crate::Error;

pub use self::dyad_table::{DyadTable, PairStates};

pub(super) use self::batch::{Rows, Wiring};
pub(super) use self::network::Network;
pub(super) use self::slot_types::EMPTY;

/// Where a circuit lies among the codes: q(z | circuit) = Normal(mean, diag(exp(log variance))).
#[derive(Debug, Clone, PartialEq)]
pub struct Code {
    /// Mean of each latent number.
    pub mean: Vec<f32>,
    /// ln of the variance of each latent number.
    pub log_variance: Vec<f32>,
}

impl Code {
    /// KL divergence from the standard normal in nats, a latent number each:
    /// (mean^2 + variance - 1 - ln variance) / 2.
    ///
    /// # Examples
    /// ```
    /// use neuroloom_models::circuit_vae::Code;
    /// let code = Code { mean: vec![0.0, 2.0], log_variance: vec![0.0, 0.0] };
    /// assert_eq!(code.kl(), [0.0, 2.0]);
    /// ```
    pub fn kl(&self) -> Vec<f64> {
        let of = |(mean, log_variance): (&f32, &f32)| {
            let (mean, log_variance) = (f64::from(*mean), f64::from(*log_variance));
            0.5 * (mean * mean + log_variance.exp() - 1.0 - log_variance)
        };
        self.mean.iter().zip(&self.log_variance).map(of).collect()
    }
}

/// A model of circuits: an encoder and a decoder with their parameters.
///
/// # Examples
/// ```
/// use neuroloom_core::Seed;
/// use neuroloom_models::circuit_vae::{CircuitVae, CircuitVaeConfig, NodeConditions, Vocabulary};
/// let vocabulary = Vocabulary::of_labels(["e", "i"]);
/// let config = CircuitVaeConfig { latent: 4, ..CircuitVaeConfig::default() };
/// let vae = CircuitVae::untrained(&config, vocabulary, Seed(1))?;
/// let conditions = NodeConditions { cell_type: vec![1, 1, 2], position: Vec::new() };
/// let table = vae.dyads(&[0.0; 4], Some(&conditions))?;
/// assert!((table.states(0, 1).iter().sum::<f32>() - 1.0).abs() < 1e-6);
/// assert_eq!(table.edge(0, 2), table.edge(1, 2)); // neurons told alike are treated alike
/// # Ok::<(), neuroloom_models::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct CircuitVae {
    config: CircuitVaeConfig,
    vocabulary: Vocabulary,
    network: Network,
    parameters: Vec<f32>,
    codes: CodeDistribution,
    calibration: Calibration,
}

impl PartialEq for CircuitVae {
    fn eq(&self, other: &Self) -> bool {
        self.config == other.config
            && self.vocabulary == other.vocabulary
            && self.parameters == other.parameters
            && self.codes == other.codes
            && self.calibration == other.calibration
    }
}

impl CircuitVae {
    /// A model with random parameters.
    ///
    /// # Errors
    /// [`Error::Config`] for a setting out of range.
    pub fn untrained(config: &CircuitVaeConfig, vocabulary: Vocabulary, seed: Seed) -> Result<Self, Error> {
        config.check()?;
        let network = Network::new(config, vocabulary.n_types())?;
        let parameters = network.draw(seed.split("parameters"));
        let codes = CodeDistribution::standard(config.latent);
        let calibration = Calibration::default();
        Ok(Self { config: config.clone(), vocabulary, network, parameters, codes, calibration })
    }

    /// The same model with other parameters; as many as it has.
    pub(super) fn with_parameters(mut self, parameters: Vec<f32>) -> Self {
        self.parameters = parameters;
        self
    }

    /// The same model that draws with this calibration.
    pub(super) fn with_calibration(mut self, (codes, calibration): (CodeDistribution, Calibration)) -> Self {
        (self.codes, self.calibration) = (codes, calibration);
        self
    }

    /// The same model that draws from the standard normal prior and from the decoder's own probabilities.
    pub fn uncalibrated(self) -> Self {
        let codes = CodeDistribution::standard(self.config.latent);
        self.with_calibration((codes, Calibration::default()))
    }

    /// How its draws depart from the decoder's probabilities; nothing for a model that was not trained.
    pub fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// A code as circuits have them: from a normal distribution with the mean and covariance of the codes of all
    /// circuits that were not for testing, the standard normal for a model that was not trained.
    pub fn draw_code(&self, seed: Seed) -> Vec<f32> {
        self.codes.draw(seed)
    }

    /// Its settings.
    pub fn config(&self) -> &CircuitVaeConfig {
        &self.config
    }

    /// The cell types it knows.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// Number of parameters.
    pub fn n_parameters(&self) -> usize {
        self.parameters.len()
    }

    /// All parameters, in the order of [`CircuitVae::to_tensors`]'s arrays.
    pub fn parameters(&self) -> &[f32] {
        &self.parameters
    }

    pub(super) fn network(&self) -> &Network {
        &self.network
    }

    /// A circuit as this model sees it.
    ///
    /// # Errors
    /// As [`GraphExample::new`].
    pub fn example(&self, circuit: &Circuit) -> Result<GraphExample, Error> {
        GraphExample::new(circuit, &self.vocabulary)
    }

    /// The code of a circuit. The order of its neurons does not matter, to the last bit.
    ///
    /// # Errors
    /// [`Error::Circuit`] if the circuit has more neurons than there are slots.
    pub fn encode(&self, example: &GraphExample) -> Result<Code, Error> {
        self.check_size(example.n_neurons())?;
        let prepared = Prepared::new(example, self.config.strengths);
        let circuits = [&prepared];
        let rows = Rows::new(&circuits, &self.config)?;
        let wiring = Wiring::new(&circuits)?;
        let (mean, log_variance, _) = self.network.encode(&self.parameters, (&rows, &wiring))?;
        Ok(Code { mean, log_variance })
    }

    /// Probabilities of every dyad, given a code and, for form B, what is known of the neurons. Form A may be told
    /// cell types (then in the order of the slots); without them it takes the likeliest.
    ///
    /// # Shapes
    /// `z [latent]`.
    ///
    /// # Errors
    /// [`Error::Conditions`] if form B is told nothing or a type that the vocabulary lacks, [`Error::Code`] for a
    /// code of another length.
    pub fn dyads(&self, z: &[f32], conditions: Option<&NodeConditions>) -> Result<DyadTable, Error> {
        self.check_code(z)?;
        let conditions = match (conditions, self.config.form) {
            (Some(conditions), _) => conditions.clone(),
            (None, Form::Slots) => self.likeliest_types(z)?,
            (None, Form::Conditional) => {
                let problem = "form `conditional` needs the types of the neurons".to_owned();
                return Err(Error::Conditions { problem });
            }
        };
        self.check_conditions(&conditions)?;
        let bare = GraphExample { conditions, ..GraphExample::default() };
        let prepared = Prepared::new(&bare, self.config.strengths);
        let logits = self.logits(z, &prepared)?;
        Ok(DyadTable::new(&prepared.order, bare.conditions, &logits))
    }

    /// Logits of all pairs of a circuit in canonical order.
    pub(super) fn logits(&self, z: &[f32], prepared: &Prepared) -> Result<Vec<[f32; 5]>, Error> {
        let rows = Rows::new(&[prepared], &self.config)?;
        let (heads, _) = self.network.decode(&self.parameters, &rows, z)?;
        self.network.logits(&self.parameters, &heads, prepared)
    }

    /// Draws a circuit: its cell types (form A), gains of its neurons, its dyads, and the numbers of synapses where they
    /// were learned. A trained model draws with its [`Calibration`].
    ///
    /// # Errors
    /// As [`CircuitVae::dyads`].
    pub fn generate(
        &self,
        z: &[f32],
        conditions: Option<&NodeConditions>,
        seed: Seed,
    ) -> Result<Circuit, Error> {
        generate::generate(self, (z, conditions), &Tilt::default(), seed)
    }

    /// The same from tilted probabilities of the dyads: a degree of freedom beside the code, for controllers.
    ///
    /// # Errors
    /// As [`CircuitVae::dyads`].
    pub fn generate_tilted(
        &self,
        z: &[f32],
        conditions: Option<&NodeConditions>,
        tilt: &Tilt,
        seed: Seed,
    ) -> Result<Circuit, Error> {
        generate::generate(self, (z, conditions), tilt, seed)
    }

    /// -ln p(pairs | z, conditions) of a circuit, in nats.
    pub(super) fn pair_nll(&self, z: &[f32], prepared: &Prepared) -> Result<f64, Error> {
        let rows = Rows::new(&[prepared], &self.config)?;
        let (heads, _) = self.network.decode(&self.parameters, &rows, z)?;
        let nothing = DyadScale { states: 0.0, strengths: 0.0 };
        let mut idle = vec![0.0; self.parameters.len()];
        let both = (&self.parameters[..], &mut idle[..]);
        let (losses, _) = self.network.pair_gradients(both, (&heads, &[prepared]), nothing)?;
        Ok(losses.iter().map(|loss| loss.states).sum())
    }

    fn check_size(&self, n: usize) -> Result<(), Error> {
        if self.config.form == Form::Slots && n > self.config.slots {
            let problem = format!("it has {n} neurons, the model has {} slots", self.config.slots);
            return Err(Error::Circuit { problem });
        }
        Ok(())
    }

    fn check_code(&self, z: &[f32]) -> Result<(), Error> {
        match z.len() == self.config.latent && z.iter().all(|x| x.is_finite()) {
            true => Ok(()),
            false => Err(Error::Code { given: z.len(), expected: self.config.latent }),
        }
    }

    fn check_conditions(&self, conditions: &NodeConditions) -> Result<(), Error> {
        self.check_size(conditions.len())?;
        let n_types = self.vocabulary.n_types();
        let wrong = conditions.cell_type.iter().find(|code| usize::from(**code) >= n_types);
        let problem = match wrong {
            Some(code) => format!("cell type {code} is none of the {n_types} of the vocabulary"),
            None if !conditions.position.is_empty() && conditions.position.len() != conditions.len() => {
                format!("{} positions for {} neurons", conditions.position.len(), conditions.len())
            }
            None if conditions.position.iter().flatten().any(|x| !x.is_finite()) => {
                "a position is no number".to_owned()
            }
            None => return Ok(()),
        };
        Err(Error::Conditions { problem })
    }
}
