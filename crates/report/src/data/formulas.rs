//! Fitted functions read as formulas.

use serde::{Deserialize, Serialize};

use super::{FunctionGroup, nullable};

/// Formulas of phi and psi.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Formulas {
    /// The rule that chose among the forms, in words.
    pub rule: String,
    /// Unit of the activity x.
    pub x_unit: String,
    /// Unit of phi, such as `a.u./s`.
    pub update_unit: String,
    /// One entry a function.
    pub functions: Vec<FormulaEntry>,
}

/// One function as a formula.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FormulaEntry {
    /// Which function, such as `type 1`.
    pub name: String,
    /// Whether it is phi of a type, or psi.
    pub part: FormulaPart,
    /// The chosen form.
    pub text: String,
    /// The same in LaTeX.
    pub latex: String,
    /// The chosen form with every coefficient free.
    pub freed: String,
    /// Standard deviations of those coefficients over neurons, in the order of writing; may be empty.
    #[serde(deserialize_with = "nullable::list")]
    pub spread: Vec<f64>,
    /// Unexplained share of the variance.
    #[serde(deserialize_with = "nullable::number")]
    pub unexplained: f64,
    /// The true formula, where known.
    pub truth: Option<String>,
    /// What was published for it, where anything was.
    pub published: Option<String>,
    /// The best form of each length.
    pub front: Vec<FrontRow>,
    /// Place of the chosen form in `front`.
    pub chosen: usize,
    /// The fitted function as `center`, the formula as `truth`.
    pub curve: FunctionGroup,
}

/// Which function of the model a formula stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FormulaPart {
    /// phi.
    #[default]
    Update,
    /// psi.
    Transfer,
}

/// One line of a Pareto table.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FrontRow {
    /// The form.
    pub text: String,
    /// Its length in symbols.
    pub symbols: usize,
    /// Unexplained share of the variance.
    #[serde(deserialize_with = "nullable::number")]
    pub unexplained: f64,
    /// What the rule compares.
    #[serde(deserialize_with = "nullable::number")]
    pub score: f64,
}
