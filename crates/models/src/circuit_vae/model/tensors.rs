//! The model as named arrays and notes, and back.

use neuroloom_nn::checkpoint::Checkpoint;

use super::{CircuitVae, Network, Vocabulary};
use crate::Error;
use crate::circuit_vae::calibration::CodeDistribution;
use crate::circuit_vae::config::CircuitVaeConfig;

/// Mean and root of the covariance of the codes of circuits.
const CODE_MEAN: &str = "codes.mean";
const CODE_FACTOR: &str = "codes.factor";

/// What the file says it is.
const KIND: &str = "circuit-vae 2";

impl CircuitVae {
    /// Every array by name, with settings and vocabulary as notes; `Checkpoint::to_bytes` makes a file of it.
    ///
    /// # Errors
    /// [`Error::Network`] if an entry cannot be kept.
    ///
    /// # Examples
    /// ```
    /// use neuroloom_core::Seed;
    /// use neuroloom_models::circuit_vae::{CircuitVae, CircuitVaeConfig, Vocabulary};
    /// let vocabulary = Vocabulary::of_labels(["e"]);
    /// let vae = CircuitVae::untrained(&CircuitVaeConfig::default(), vocabulary, Seed(1))?;
    /// assert_eq!(CircuitVae::from_tensors(&vae.to_tensors()?)?, vae);
    /// # Ok::<(), neuroloom_models::Error>(())
    /// ```
    pub fn to_tensors(&self) -> Result<Checkpoint, Error> {
        let mut stored = Checkpoint::default();
        for entry in self.network.layout().entries() {
            stored.insert(&entry.name, &entry.shape, &self.parameters[entry.range.clone()])?;
        }
        let latent = self.config.latent;
        stored.insert(CODE_MEAN, &[latent], &self.codes.mean)?;
        stored.insert(CODE_FACTOR, &[latent, latent], &self.codes.factor)?;
        stored.insert_note("calibration", &json(&self.calibration)?)?;
        stored.insert_note("kind", KIND)?;
        stored.insert_note("config", &json(&self.config)?)?;
        stored.insert_note("vocabulary", &json(&self.vocabulary)?)?;
        Ok(stored)
    }

    /// The model that [`to_tensors`](Self::to_tensors) stored.
    ///
    /// # Errors
    /// [`Error::Tensor`] if an array or note is missing or of another shape, [`Error::Config`] for settings out of
    /// range.
    pub fn from_tensors(stored: &Checkpoint) -> Result<Self, Error> {
        let kind = note(stored, "kind")?;
        if kind != KIND {
            return Err(damaged("kind", format!("is `{kind}`, expected `{KIND}`")));
        }
        let config: CircuitVaeConfig = parsed(stored, "config")?;
        config.check()?;
        let vocabulary: Vocabulary = parsed(stored, "vocabulary")?;
        let network = Network::new(&config, vocabulary.n_types())?;
        let mut parameters = vec![0.0; network.layout().len()];
        for entry in network.layout().entries() {
            parameters[entry.range.clone()].copy_from_slice(array(stored, &entry.name, &entry.shape)?);
        }
        let latent = config.latent;
        let codes = CodeDistribution {
            mean: array(stored, CODE_MEAN, &[latent])?.to_vec(),
            factor: array(stored, CODE_FACTOR, &[latent, latent])?.to_vec(),
        };
        let calibration = parsed(stored, "calibration")?;
        Ok(Self { config, vocabulary, network, parameters, codes, calibration })
    }
}

fn array<'a>(stored: &'a Checkpoint, name: &str, shape: &[usize]) -> Result<&'a [f32], Error> {
    let array = stored.array(name).map_err(|_| damaged(name, "is missing".to_owned()))?;
    if array.shape != shape {
        let problem = format!("has the shape {:?}, expected {shape:?}", array.shape);
        return Err(damaged(name, problem));
    }
    Ok(&array.values)
}

fn json(value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| damaged("config", error.to_string()))
}

fn parsed<T: serde::de::DeserializeOwned>(stored: &Checkpoint, name: &str) -> Result<T, Error> {
    serde_json::from_str(note(stored, name)?).map_err(|error| damaged(name, error.to_string()))
}

fn note<'a>(stored: &'a Checkpoint, name: &str) -> Result<&'a str, Error> {
    stored.note(name).map_err(|_| damaged(name, "is missing".to_owned()))
}

fn damaged(name: &str, problem: String) -> Error {
    Error::Tensor { name: name.to_owned(), problem }
}
