//! An experiment of the weight-manifold family: tuned inputs, an autoencoder, what is read from its weights.

use neuroloom_models::weight_manifold::{AutoencoderConfig, ExtractConfig};
use neuroloom_sim::LatentInputConfig;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::experiment::{Family, experiment_file};

/// One experiment, complete: `experiment.toml` with `family = "weight-manifold"`, and `config.toml` in its run folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct WeightExperiment {
    /// The model family.
    pub family: Family,
    /// Seed of everything random; the same seed gives the same bytes for any number of threads.
    pub seed: u64,
    /// Runs of each case with seeds of their own; more than 1, or any `[[case]]`, makes a study.
    pub repeats: usize,
    /// Latents and the neurons that they drive.
    pub inputs: LatentInputConfig,
    /// The autoencoder.
    pub model: AutoencoderConfig,
    /// How its weights are read.
    pub extract: ExtractConfig,
    /// Variants that are compared; absent = one run.
    pub case: Vec<Case>,
}

/// A variant of the experiment: what it says replaces the keys of the same name.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Case {
    /// What it is called in tables and figures.
    pub name: String,
    /// Keys of `[inputs]`.
    pub inputs: toml::Table,
    /// Keys of `[model]`.
    pub model: toml::Table,
    /// Keys of `[extract]`.
    pub extract: toml::Table,
}

impl Default for WeightExperiment {
    fn default() -> Self {
        Self {
            family: Family::WeightManifold,
            seed: 42,
            repeats: 1,
            inputs: LatentInputConfig::default(),
            model: AutoencoderConfig::default(),
            extract: ExtractConfig::default(),
            case: Vec::new(),
        }
    }
}

impl WeightExperiment {
    /// The experiment written in `text`, checked.
    ///
    /// # Errors
    /// One sentence with line, key and what is allowed.
    pub fn parse(text: &str) -> Result<Self, String> {
        let config: Self = experiment_file::read(text)?;
        config.check()?;
        Ok(config)
    }

    /// Whether several runs are compared.
    pub fn is_study(&self) -> bool {
        self.repeats > 1 || !self.case.is_empty()
    }

    /// Checks every part, of every case.
    ///
    /// # Errors
    /// One sentence naming the key and what is allowed.
    pub fn check(&self) -> Result<(), String> {
        if self.family != Family::WeightManifold {
            return Err(format!("`family` is {}, allowed here: weight-manifold", self.family));
        }
        if self.repeats == 0 {
            return Err("`repeats` is 0, allowed: 1 or more".to_owned());
        }
        if self.case.is_empty() {
            return self.check_parts();
        }
        self.cases()?.iter().try_for_each(|(name, one)| {
            one.check_parts().map_err(|error| format!("[[case]] `{name}`: {error}"))
        })
    }

    /// Every case by name, as an experiment of its own; the experiment itself where it has none.
    ///
    /// # Errors
    /// One sentence naming the case and the key.
    pub fn cases(&self) -> Result<Vec<(String, Self)>, String> {
        if self.case.is_empty() {
            return Ok(vec![("as given".to_owned(), Self { repeats: 1, ..self.clone() })]);
        }
        let of = |case: &Case| {
            let named = |error: String| format!("[[case]] `{}`: {error}", case.name);
            let one = Self {
                inputs: overlaid(&self.inputs, &case.inputs).map_err(named)?,
                model: overlaid(&self.model, &case.model).map_err(named)?,
                extract: overlaid(&self.extract, &case.extract).map_err(named)?,
                case: Vec::new(),
                // A network is the same however many beside it are trained: more repeats keep those that are there.
                repeats: 1,
                ..self.clone()
            };
            Ok((case.name.clone(), one))
        };
        self.case.iter().map(of).collect()
    }

    /// The experiment as TOML.
    ///
    /// # Errors
    /// [`Error::Setting`] if a number does not fit TOML (a seed above 2^63).
    pub fn to_toml(&self) -> Result<String, Error> {
        experiment_file::to_toml(self)
    }

    fn check_parts(&self) -> Result<(), String> {
        self.inputs.check().map_err(|error| format!("[inputs] {error}"))?;
        self.model.check().map_err(|error| format!("[model] {error}"))?;
        self.extract.check().map_err(|error| format!("[extract] {error}"))
    }
}

/// `base` with the keys of `over` in the place of its own.
fn overlaid<T: Serialize + for<'a> Deserialize<'a>>(base: &T, over: &toml::Table) -> Result<T, String> {
    let mut table = toml::Table::try_from(base).map_err(|error| error.to_string())?;
    table.extend(over.clone());
    table.try_into().map_err(|error| error.to_string().trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const STUDY: &str = "\
family = \"weight-manifold\"
repeats = 3
[model]
gain = 1.0
l2 = 0.0
[[case]]
name = \"none\"
[[case]]
name = \"L2\"
model = { l2 = 1e-4, solver = \"lbfgs\" }
";

    #[test]
    fn a_case_replaces_only_what_it_names() {
        let study = WeightExperiment::parse(STUDY).unwrap();
        let cases = study.cases().unwrap();
        assert_eq!(cases.iter().map(|case| case.0.as_str()).collect::<Vec<_>>(), ["none", "L2"]);
        assert_eq!((cases[0].1.model.l2, cases[1].1.model.l2), (0.0, 1e-4));
        assert_eq!(cases[1].1.model.gain, Some(1.0));
        assert!(study.is_study() && !WeightExperiment::default().is_study());
    }

    #[test]
    fn mistakes_name_the_case_and_the_key() {
        let wrong = STUDY.replace("l2 = 1e-4", "lambda = 1e-4");
        let message = WeightExperiment::parse(&wrong).unwrap_err();
        assert!(message.contains("`L2`") && message.contains("lambda"), "{message}");
        let message = WeightExperiment::parse(&STUDY.replace("gain = 1.0", "")).unwrap_err();
        assert!(message.contains("gain"), "{message}");
    }

    #[test]
    fn it_reads_back_what_it_writes() {
        let study = WeightExperiment::parse(STUDY).unwrap();
        assert_eq!(WeightExperiment::parse(&study.to_toml().unwrap()).unwrap(), study);
    }
}
