//! Where each named array is among the parameters, and what it starts from.

use std::ops::Range;

use neuroloom_core::Seed;
use rand_distr::{Distribution, StandardNormal};

/// What an array starts from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::circuit_vae) enum Start {
    /// One number everywhere.
    Constant(f32),
    /// Of two rows, one number at even places of the first and at odd places of the second, else 0.
    Alternating(f32),
    /// Normal numbers of this standard deviation.
    Normal(f32),
}

/// A named array.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::circuit_vae) struct Entry {
    pub(in crate::circuit_vae) name: String,
    pub(in crate::circuit_vae) shape: Vec<usize>,
    pub(in crate::circuit_vae) range: Range<usize>,
    start: Start,
}

/// All arrays, one after the other.
#[derive(Debug, Clone, PartialEq, Default)]
pub(in crate::circuit_vae) struct Layout {
    entries: Vec<Entry>,
}

impl Layout {
    /// Room for an array behind the others.
    pub(in crate::circuit_vae) fn add(&mut self, name: &str, shape: &[usize], start: Start) -> Range<usize> {
        let first = self.len();
        let range = first..first + shape.iter().product::<usize>();
        let entry = Entry { name: name.to_owned(), shape: shape.to_vec(), range: range.clone(), start };
        self.entries.push(entry);
        range
    }

    pub(in crate::circuit_vae) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(in crate::circuit_vae) fn len(&self) -> usize {
        self.entries.last().map_or(0, |entry| entry.range.end)
    }

    /// Parameters to start from; each array draws from a stream of its own.
    pub(in crate::circuit_vae) fn draw(&self, seed: Seed) -> Vec<f32> {
        let mut parameters = vec![0.0; self.len()];
        for entry in &self.entries {
            let values = &mut parameters[entry.range.clone()];
            match entry.start {
                Start::Constant(value) => values.fill(value),
                Start::Alternating(value) => {
                    let width = values.len() / 2;
                    for (at, one) in values.iter_mut().enumerate() {
                        *one = if (at % width + at / width).is_multiple_of(2) { value } else { 0.0 };
                    }
                }
                Start::Normal(deviation) => {
                    let mut rng = seed.split(&entry.name).rng();
                    for value in values {
                        let normal: f32 = StandardNormal.sample(&mut rng);
                        *value = deviation * normal;
                    }
                }
            }
        }
        parameters
    }
}
