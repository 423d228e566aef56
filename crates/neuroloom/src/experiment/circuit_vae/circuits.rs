//! The circuits of an experiment: read, or cut out of a connectome or a surrogate tissue. The run keeps its own copy.

use neuroloom_core::{CircuitSet, Connectome, Listener, Seed};
use neuroloom_io::ConnectomeOptions;

use super::CircuitSource;
use crate::Error;
use crate::experiment::circuits::{sample, simulate_tissue, turned};
use crate::experiment::{Artefact, InputFile, RunDir};

/// Obtains the circuits and writes them to `data/circuits`.
///
/// # Errors
/// What reading, simulating or sampling says.
pub(super) fn obtain(
    source: &CircuitSource,
    seed: Seed,
    run: &RunDir,
    events: &dyn Listener,
) -> Result<CircuitSet, Error> {
    let out = run.place(Artefact::Circuits)?;
    if let Some(path) = &source.set {
        let set = neuroloom_io::read_circuit_set(path)?;
        neuroloom_io::write_circuit_set(&out, &set)?;
        return Ok(set);
    }
    let connectome = connectome(source, seed, run, events)?;
    Ok(sample(&connectome, &source.sampling, (seed.split("sample"), &out), events)?.set)
}

/// What circuits are cut out of.
fn connectome(
    source: &CircuitSource,
    seed: Seed,
    run: &RunDir,
    events: &dyn Listener,
) -> Result<Connectome, Error> {
    let read = match (&source.connectome, &source.tissue) {
        (Some(path), _) => {
            let options = ConnectomeOptions { nodes: source.nodes.clone(), ..ConnectomeOptions::default() };
            let import = neuroloom_io::read_connectome(path, &options)?;
            for warning in import.warnings {
                events.emit(neuroloom_core::Event::Warning(warning));
            }
            import.connectome
        }
        (None, Some(tissue)) => {
            let out = run.place(Artefact::Tissue)?;
            simulate_tissue(tissue, (seed.split("tissue"), &out), events)?;
            neuroloom_io::read_connectome(&out.join("complete"), &ConnectomeOptions::default())?.connectome
        }
        (None, None) => {
            let allowed = "a set, a connectome or a tissue".to_owned();
            return Err(Error::Setting { key: "circuits", given: "nothing".to_owned(), allowed });
        }
    };
    match source.depth {
        Some(depth) => turned(&read, depth),
        None => Ok(read),
    }
}

/// Files that the circuits are made of, hashed.
///
/// # Errors
/// [`Error::System`] naming the one that cannot be read.
pub(super) fn inputs(source: &CircuitSource) -> Result<Vec<InputFile>, Error> {
    let roles = [("circuits", &source.set), ("connectome", &source.connectome), ("nodes", &source.nodes)];
    roles.into_iter().filter_map(|(role, path)| Some(InputFile::read(role, path.as_ref()?))).collect()
}
