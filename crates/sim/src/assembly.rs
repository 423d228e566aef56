//! The neural assemblies of Allier et al. 2026 (arXiv 2602.13325): configuration, presets, ground truth.

use ndarray::{Array2, Array3};
use neuroloom_core::{Activation, AssemblyType, Seed, TransferKind, Truth};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::connectivity::{ConnectivityConfig, weight_matrix};
use crate::integrate::Integration;
use crate::modulation::{GeneratedField, ModulationConfig, ModulationSource, Span, modulation};

/// Parameters of the neuron types; g = 10 and b = h = 0 in the published sets.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TypeSet {
    /// (s, c) = (1, 1), (2, 1), (1, 2), (2, 2); c = 1/tau.
    #[default]
    Four,
    /// The same, with widths w = 1, 2, 4, 8.
    FourWidths,
    /// c = 1..4 with s = 1..4 for each, then c = 1..4 with s = 5..8 for each.
    ThirtyTwo,
    /// Your own.
    Custom(Vec<AssemblyType>),
}

/// A simulated neural assembly. The default is the baseline experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AssemblyConfig {
    /// Number of neurons N.
    pub n_neurons: usize,
    /// Parameters of the neuron types: four, four-widths, thirty-two or custom. Types are contiguous blocks of
    /// N / n_types neurons; the remainder goes to the last type.
    pub types: TypeSet,
    /// Whose type shapes the transfer function: shared, sender or receiver.
    pub transfer: TransferKind,
    /// The nonlinearity: tanh, relu or sigmoid.
    pub activation: Activation,
    /// Standard deviation of the noise added to each neuron at each step (no sqrt(dt)).
    pub noise_std: f64,
    /// Standard deviation of the noise added to the recorded states only.
    pub measurement_noise_std: f64,
    /// Euler step in seconds.
    pub dt_s: f64,
    /// Frames after frame 0.
    pub n_frames: usize,
    /// Steps before frame 0, not recorded.
    pub burn_in: usize,
    /// How the circuit is wired.
    pub connectivity: ConnectivityConfig,
    /// The external field.
    pub modulation: ModulationConfig,
}

/// Arrays that were read from files and replace what would be drawn.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GivenArrays {
    /// W[post, pre], without the gain.
    pub weight_matrix: Option<Array2<f32>>,
    /// The movie of the external field, `[slice, row, column]`.
    pub field: Option<Array3<f32>>,
}

/// The published experiments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// 1000 neurons of 4 types, dense, no noise.
    Baseline,
    /// 5 % of the connections, no burn-in.
    Sparse,
    /// Noise of 7.2 per step.
    Noise,
    /// 8000 neurons, noise of 1 per step.
    Large,
    /// 32 types.
    ManyTypes,
    /// Transfer functions that depend on the sender's type.
    Transmitters,
    /// Transfer functions that depend on both types.
    Receptors,
    /// 2048 neurons, the first 1024 scaled by a movie, noise of 1 per step.
    ExternalInput,
}

impl Default for AssemblyConfig {
    fn default() -> Self {
        Self {
            n_neurons: 1000,
            types: TypeSet::Four,
            transfer: TransferKind::Shared,
            activation: Activation::Tanh,
            noise_std: 0.0,
            measurement_noise_std: 0.0,
            dt_s: 0.01,
            n_frames: 100_000,
            burn_in: 1000,
            connectivity: ConnectivityConfig::default(),
            modulation: ModulationConfig::default(),
        }
    }
}

impl AssemblyConfig {
    /// Checks every key.
    ///
    /// # Errors
    /// [`Error::Config`] naming the key, its value and what is allowed.
    pub fn check(&self) -> Result<(), Error> {
        let n_types = self.types.parameters().len();
        let wrong = |key, given: String, allowed: String| Err(Error::Config { key, given, allowed });
        if n_types == 0 {
            return wrong("types", "an empty list".to_owned(), "at least one type".to_owned());
        }
        if self.n_neurons < n_types.max(2) {
            let allowed = format!("at least {}: 2, and one a type", n_types.max(2));
            return wrong("n_neurons", self.n_neurons.to_string(), allowed);
        }
        if !(self.dt_s.is_finite() && self.dt_s > 0.0) {
            return wrong("dt_s", self.dt_s.to_string(), "seconds, above 0".to_owned());
        }
        for (key, std) in
            [("noise_std", self.noise_std), ("measurement_noise_std", self.measurement_noise_std)]
        {
            if !(std.is_finite() && std >= 0.0) {
                return wrong(key, std.to_string(), "0 or more, finite".to_owned());
            }
        }
        if self.n_frames == 0 {
            return wrong("n_frames", "0".to_owned(), "at least 1".to_owned());
        }
        self.types.check()?;
        self.connectivity.check(self.n_neurons)?;
        self.modulation.check(self.span())
    }

    /// How this assembly is integrated: its frames, burn-in and measurement noise, all cores.
    pub fn integration(&self) -> Integration {
        Integration {
            n_frames: self.n_frames,
            burn_in: self.burn_in,
            measurement_noise_std: self.measurement_noise_std,
            ..Integration::default()
        }
    }

    fn span(&self) -> Span {
        Span { n_neurons: self.n_neurons, n_frames: self.n_frames, dt_s: self.dt_s }
    }
}

impl TypeSet {
    /// One row a type.
    pub fn parameters(&self) -> Vec<AssemblyType> {
        let row = |self_coupling, decay, width| AssemblyType {
            self_coupling,
            decay,
            width,
            ..AssemblyType::default()
        };
        let four = [(1.0, 1.0), (2.0, 1.0), (1.0, 2.0), (2.0, 2.0)];
        match self {
            Self::Four => four.iter().map(|&(s, c)| row(s, c, 1.0)).collect(),
            Self::FourWidths => {
                four.iter().zip([1.0, 2.0, 4.0, 8.0]).map(|(&(s, c), width)| row(s, c, width)).collect()
            }
            Self::ThirtyTwo => [0, 4]
                .iter()
                .flat_map(|&weaker| (1..=4).flat_map(move |c| (1..=4).map(move |s| (weaker + s, c))))
                .map(|(s, c)| row(f64::from(s), f64::from(c), 1.0))
                .collect(),
            Self::Custom(types) => types.clone(),
        }
    }

    fn check(&self) -> Result<(), Error> {
        for one in self.parameters() {
            let numbers = [
                ("types.decay", one.decay),
                ("types.offset", one.offset),
                ("types.gain", one.gain),
                ("types.self_coupling", one.self_coupling),
                ("types.threshold", one.threshold),
            ];
            if let Some((key, value)) = numbers.into_iter().find(|(_, value)| !value.is_finite()) {
                return Err(Error::Config {
                    key,
                    given: value.to_string(),
                    allowed: "a finite number".to_owned(),
                });
            }
            if !(one.width.is_finite() && one.width > 0.0) {
                return Err(Error::Config {
                    key: "types.width",
                    given: one.width.to_string(),
                    allowed: "above 0, finite".to_owned(),
                });
            }
        }
        Ok(())
    }
}

impl Preset {
    /// All of them, in the order of the paper.
    pub const ALL: [Self; 8] = [
        Self::Baseline,
        Self::Sparse,
        Self::Noise,
        Self::Large,
        Self::ManyTypes,
        Self::Transmitters,
        Self::Receptors,
        Self::ExternalInput,
    ];

    /// The name on the command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Sparse => "sparse",
            Self::Noise => "noise",
            Self::Large => "large",
            Self::ManyTypes => "many-types",
            Self::Transmitters => "transmitters",
            Self::Receptors => "receptors",
            Self::ExternalInput => "external-input",
        }
    }

    /// The configuration of the experiment (Allier et al. 2026, table 1, and the published code).
    pub fn config(self) -> AssemblyConfig {
        let base = AssemblyConfig::default();
        match self {
            Self::Baseline => base,
            Self::Sparse => AssemblyConfig {
                burn_in: 0,
                connectivity: ConnectivityConfig { filling_factor: 0.05, ..base.connectivity },
                ..base
            },
            Self::Noise => AssemblyConfig { noise_std: 7.2, ..base },
            Self::Large => AssemblyConfig { n_neurons: 8000, noise_std: 1.0, ..base },
            Self::ManyTypes => AssemblyConfig { types: TypeSet::ThirtyTwo, ..base },
            Self::Transmitters => {
                AssemblyConfig { types: TypeSet::FourWidths, transfer: TransferKind::Sender, ..base }
            }
            Self::Receptors => {
                AssemblyConfig { types: TypeSet::FourWidths, transfer: TransferKind::Receiver, ..base }
            }
            Self::ExternalInput => AssemblyConfig {
                n_neurons: 2048,
                types: TypeSet::FourWidths,
                transfer: TransferKind::Sender,
                noise_std: 1.0,
                n_frames: 50_000,
                burn_in: 10_000,
                modulation: ModulationConfig {
                    source: ModulationSource::Generated(GeneratedField::default()),
                    ..base.modulation
                },
                ..base
            },
        }
    }
}

/// Draws a circuit: wiring, types, functions, external field.
///
/// # Errors
/// [`Error::Config`] if a key is out of range, [`Error::MissingArray`], [`Error::Shape`] or [`Error::Entry`] if
/// an array is missing or does not fit.
///
/// # Examples
/// ```
/// use neuroloom_core::Seed;
/// use neuroloom_sim::{AssemblyConfig, GivenArrays, build_truth};
/// let config = AssemblyConfig { n_neurons: 10, ..AssemblyConfig::default() };
/// let truth = build_truth(&config, GivenArrays::default(), Seed(42))?;
/// assert_eq!(truth.cell_type, [0, 0, 1, 1, 2, 2, 3, 3, 3, 3]); // the remainder goes to the last type
/// # Ok::<(), neuroloom_sim::Error>(())
/// ```
pub fn build_truth(config: &AssemblyConfig, given: GivenArrays, seed: Seed) -> Result<Truth, Error> {
    config.check()?;
    let types = config.types.parameters();
    let cell_type = blocks(config.n_neurons, types.len());
    let weight_matrix = weight_matrix(&config.connectivity, &cell_type, given.weight_matrix, seed)?;
    let modulation = modulation(&config.modulation, config.span(), given.field, seed)?;
    Ok(Truth {
        weight_matrix,
        cell_type,
        types,
        transfer: config.transfer,
        activation: config.activation,
        modulation,
        noise_std: config.noise_std,
        dt_s: config.dt_s,
    })
}

fn blocks(n_neurons: usize, n_types: usize) -> Vec<u32> {
    let length = (n_neurons / n_types).max(1);
    (0..n_neurons).map(|neuron| (neuron / length).min(n_types - 1) as u32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_are_the_rows_of_the_table() {
        for preset in Preset::ALL {
            preset.config().check().unwrap();
            let quoted = format!("\"{}\"", preset.name());
            assert_eq!(serde_json::to_string(&preset).unwrap(), quoted);
        }
        assert_eq!(Preset::Baseline.config(), AssemblyConfig::default());
        assert_eq!(Preset::Noise.config().noise_std, 7.2);
        assert_eq!(Preset::Sparse.config().burn_in, 0);
        let large = Preset::Large.config();
        assert_eq!((large.n_neurons, large.noise_std), (8000, 1.0));
        let external = Preset::ExternalInput.config();
        assert_eq!((external.n_neurons, external.n_frames, external.burn_in), (2048, 50_000, 10_000));
    }

    #[test]
    fn thirty_two_types_come_in_the_published_order() {
        let types = TypeSet::ThirtyTwo.parameters();
        let rows: Vec<(f64, f64)> = types.iter().map(|one| (one.decay, one.self_coupling)).collect();
        assert_eq!(rows[..5], [(1.0, 1.0), (1.0, 2.0), (1.0, 3.0), (1.0, 4.0), (2.0, 1.0)]);
        assert_eq!(rows[15..18], [(4.0, 4.0), (1.0, 5.0), (1.0, 6.0)]);
        assert_eq!(rows[31], (4.0, 8.0));
        assert!(types.iter().all(|one| one.gain == 10.0 && one.width == 1.0));
    }

    #[test]
    fn types_are_contiguous_blocks() {
        assert_eq!(blocks(7, 3), [0, 0, 1, 1, 2, 2, 2]);
        let many = blocks(1000, 32);
        // 1000 / 32 = 31, so the last type has 1000 - 31 * 31 = 39.
        assert_eq!(many.iter().filter(|&&one| one == 31).count(), 39);
    }

    #[test]
    fn impossible_keys_are_refused() {
        let base = AssemblyConfig { n_neurons: 10, ..AssemblyConfig::default() };
        let custom = |one: AssemblyType| TypeSet::Custom(vec![one]);
        let row = AssemblyType::default();
        let bad = [
            AssemblyConfig { n_neurons: 3, ..base.clone() },
            AssemblyConfig { dt_s: 0.0, ..base.clone() },
            AssemblyConfig { noise_std: -1.0, ..base.clone() },
            AssemblyConfig { measurement_noise_std: f64::NAN, ..base.clone() },
            AssemblyConfig { n_frames: 0, ..base.clone() },
            AssemblyConfig { types: TypeSet::Custom(Vec::new()), ..base.clone() },
            AssemblyConfig { types: custom(AssemblyType { width: 0.0, ..row }), ..base.clone() },
            AssemblyConfig { types: custom(AssemblyType { gain: f64::INFINITY, ..row }), ..base.clone() },
            AssemblyConfig {
                connectivity: ConnectivityConfig { filling_factor: 2.0, ..base.connectivity },
                ..base.clone()
            },
            AssemblyConfig {
                modulation: ModulationConfig {
                    source: ModulationSource::Generated(GeneratedField::default()),
                    ..base.modulation
                },
                ..base.clone()
            },
        ];
        for config in bad {
            let error = build_truth(&config, GivenArrays::default(), Seed(1)).unwrap_err();
            assert!(matches!(error, Error::Config { .. }), "{config:?}: {error}");
        }
    }

    #[test]
    fn unknown_keys_are_refused_and_variants_are_readable() {
        assert!(serde_json::from_str::<AssemblyConfig>(r#"{"n_neuron": 5}"#).is_err());
        let text = r#"{"connectivity": {"law": {"low-rank": {"rank": 3}}, "signs": "free"},
                       "types": "thirty-two", "modulation": {"source": {"cosine": {}}, "mode": "additive"}}"#;
        let config: AssemblyConfig = serde_json::from_str(text).unwrap();
        assert_eq!(config.types, TypeSet::ThirtyTwo);
        let again = serde_json::to_string(&config).unwrap();
        assert_eq!(serde_json::from_str::<AssemblyConfig>(&again).unwrap(), config);
    }

    #[test]
    fn the_same_seed_draws_the_same_circuit() {
        let config = AssemblyConfig { n_neurons: 40, ..AssemblyConfig::default() };
        let draw = |seed| build_truth(&config, GivenArrays::default(), Seed(seed)).unwrap();
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1).weight_matrix, draw(2).weight_matrix);
    }
}
