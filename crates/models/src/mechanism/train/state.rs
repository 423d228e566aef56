//! Everything that a run knows between two steps, and its form in a checkpoint. All arrays hold numbers that f32
//! holds exactly, so that a file of f32 gives the same state back.

use ndarray::Array1;

use super::descent::Moments;
use super::history::{History, Point};
use super::parameters::{Group, Parameters};
use crate::Error;
use crate::mechanism::Tensors;

/// The state of a run between two steps.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct State {
    pub(super) parameters: Parameters,
    pub(super) moments: Moments,
    /// Steps done.
    pub(super) step: u64,
    /// Neurons that share an embedding.
    pub(super) classes: Option<Vec<u32>>,
    /// The epoch in which psi and the embeddings rest.
    pub(super) rest: Option<u64>,
    /// The sign of each sender, once Dale's law holds.
    pub(super) dale_sign: Option<Vec<i8>>,
    pub(super) history: History,
    /// Sum of the losses since the last point of the history, and their number.
    pub(super) since: (f64, u64),
}

impl State {
    /// A run that has not begun.
    pub(super) fn new(parameters: Parameters, classes: Option<Vec<u32>>) -> Self {
        let moments = Moments::new(&parameters);
        let history = History::default();
        Self { parameters, moments, step: 0, classes, rest: None, dale_sign: None, history, since: (0.0, 0) }
    }

    /// The state as named arrays; `fingerprint` tells runs of other settings apart.
    pub(super) fn store(&self, fingerprint: &str) -> Tensors {
        let mut stored = Tensors::default();
        let mut put = |name: String, values: &mut dyn Iterator<Item = f64>| {
            stored.arrays.insert(name, Array1::from_iter(values).into_dyn());
        };
        for group in Group::ALL {
            for (kind, parameters) in self.kinds() {
                let name = format!("{kind}.{}", group.name());
                put(name, &mut parameters.group(group).iter().map(|&value| f64::from(value)));
            }
        }
        if let Some(classes) = &self.classes {
            put("classes".to_owned(), &mut classes.iter().map(|&one| f64::from(one)));
        }
        if let Some(sign) = &self.dale_sign {
            put("dale_sign".to_owned(), &mut sign.iter().map(|&one| f64::from(one)));
        }
        let points = || self.history.points.iter();
        put("history.loss".to_owned(), &mut points().map(|one| f64::from(one.loss)));
        put("history.held_out".to_owned(), &mut points().map(|one| f64::from(one.held_out)));
        let steps: Vec<String> = points().map(|point| point.step.to_string()).collect();
        for (name, text) in [
            ("fingerprint", fingerprint.to_owned()),
            ("history.step", steps.join(" ")),
            ("history.note", self.history.notes.join("\n")),
            ("step", self.step.to_string()),
            ("moments.step", self.moments.n_steps.to_string()),
            ("rest", self.rest.map(|epoch| epoch.to_string()).unwrap_or_default()),
            ("since", format!("{} {}", self.since.0.to_bits(), self.since.1)),
        ] {
            stored.metadata.insert(name.to_owned(), text);
        }
        stored
    }

    /// The state that was stored, if it belongs to the same settings; `None` if to others.
    ///
    /// # Errors
    /// [`Error::Tensor`] if an array is missing or has another length than in `like`.
    pub(super) fn restore(
        stored: &Tensors,
        fingerprint: &str,
        like: &Parameters,
    ) -> Result<Option<Self>, Error> {
        if stored.metadata.get("fingerprint").is_none_or(|given| given != fingerprint) {
            return Ok(None);
        }
        let read = |kind: &str| -> Result<Parameters, Error> {
            let mut parameters = like.clone();
            for group in Group::ALL {
                let name = format!("{kind}.{}", group.name());
                let values = numbers(stored, &name)?;
                if values.len() != like.group(group).len() {
                    return Err(damaged(&name, "has another length than this model"));
                }
                *parameters.group_mut(group) = values;
            }
            Ok(parameters)
        };
        let if_any = |name: &str| stored.arrays.get(name).map(|array| array.iter().copied());
        let since = words(stored, "since")?;
        let [sum, count] = since[..] else { return Err(damaged("since", "must hold two numbers")) };
        Ok(Some(Self {
            parameters: read("value")?,
            moments: Moments {
                first: read("first")?,
                second: read("second")?,
                n_steps: word(stored, "moments.step")?,
            },
            step: word(stored, "step")?,
            classes: if_any("classes").map(|values| values.map(|one| one as u32).collect()),
            rest: words(stored, "rest")?.first().copied(),
            dale_sign: if_any("dale_sign").map(|values| values.map(|one| one as i8).collect()),
            history: history(stored)?,
            since: (f64::from_bits(sum), count),
        }))
    }

    fn kinds(&self) -> [(&'static str, &Parameters); 3] {
        [("value", &self.parameters), ("first", &self.moments.first), ("second", &self.moments.second)]
    }
}

fn history(stored: &Tensors) -> Result<History, Error> {
    let (loss, held_out) = (numbers(stored, "history.loss")?, numbers(stored, "history.held_out")?);
    let steps = words(stored, "history.step")?;
    let points = steps.iter().zip(loss).zip(held_out);
    let notes = stored.metadata.get("history.note").map(String::as_str).unwrap_or_default();
    Ok(History {
        points: points.map(|((&step, loss), held_out)| Point { step, loss, held_out }).collect(),
        notes: notes.lines().map(ToOwned::to_owned).collect(),
    })
}

fn numbers(stored: &Tensors, name: &str) -> Result<Vec<f32>, Error> {
    let array = stored.arrays.get(name).ok_or_else(|| damaged(name, "is missing"))?;
    Ok(array.iter().map(|&value| value as f32).collect())
}

fn words(stored: &Tensors, name: &str) -> Result<Vec<u64>, Error> {
    let text = stored.metadata.get(name).ok_or_else(|| damaged(name, "is missing"))?;
    text.split_whitespace()
        .map(|word| word.parse().map_err(|_| damaged(name, "holds something else than whole numbers")))
        .collect()
}

fn word(stored: &Tensors, name: &str) -> Result<u64, Error> {
    words(stored, name)?.first().copied().ok_or_else(|| damaged(name, "is empty"))
}

fn damaged(name: &str, problem: &str) -> Error {
    Error::Tensor { name: name.to_owned(), problem: problem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> State {
        let parameters = Parameters {
            weights: vec![1.0, -0.0, 3.5e-20, 4.0],
            update: vec![0.1, 0.2],
            transfer: vec![0.3],
            embedding: vec![1.0, 2.0],
            field: Vec::new(),
        };
        let mut state = State::new(parameters, Some(vec![0, 1]));
        state.step = 123_456_789_012;
        state.rest = Some(4);
        state.since = (0.1 + 0.2, 3);
        state.dale_sign = Some(vec![1, -1]);
        state.moments.first.weights[2] = -7.25;
        state.history.points.push(Point { step: 16_777_217, loss: 0.5, held_out: 0.25 });
        state.history.notes.push("4 clusters".to_owned());
        state
    }

    #[test]
    fn a_state_comes_back_bit_for_bit() {
        let state = state();
        let back = State::restore(&state.store("a"), "a", &state.parameters).unwrap();
        assert_eq!(back, Some(state.clone()));
        assert_eq!(State::restore(&state.store("a"), "b", &state.parameters).unwrap(), None);
    }

    #[test]
    fn a_damaged_state_is_refused() {
        let state = state();
        let mut short = state.store("a");
        short.arrays.insert("first.update".to_owned(), ndarray::array![0.0].into_dyn());
        assert!(State::restore(&short, "a", &state.parameters).is_err());
        let mut missing = state.store("a");
        missing.metadata.remove("step");
        assert!(State::restore(&missing, "a", &state.parameters).is_err());
    }
}
