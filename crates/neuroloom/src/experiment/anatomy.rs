//! From a connectome to a circuit that can be simulated, and the connectome that comes with neuroloom.
//!
//! Anatomy knows who connects to whom and how many synapses there are, rarely the sign of the effect and never
//! its scale. So, for chemical synapses: |W_ij| is proportional to the square root of the synapse count n_ij (the
//! spread of a sum of n effects of either sign), each receiver's row has the same norm, and a sign that the
//! connectome does not state is drawn by a fair coin.
//!
//! W_ij = ROW_NORM sign_ij sqrt(n_ij / sum_k n_ik)

use std::path::Path;

use ndarray::{Array2, Axis};
use neuroloom_core::{Connectome, EdgeList, NeuronId, Seed, Synapses};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::error::system;

/// Norm of a receiver's incoming weights, without the gain 10. In the published baseline it is 0.97 with 1000
/// inputs a neuron; the worm has about 12, keeps moving by itself at 0.6, and saturates less.
const ROW_NORM: f32 = 0.6;

/// A connectome that comes with neuroloom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BundledConnectome {
    /// The 302 neurons of the adult hermaphrodite *C. elegans* (Cook et al. 2019, `data/worm`).
    Worm,
}

/// A weight matrix with the names of its neurons, where they have some.
pub(crate) struct Wired {
    pub(crate) weight_matrix: Array2<f32>,
    pub(crate) neuron_ids: Option<Vec<NeuronId>>,
}

impl BundledConnectome {
    /// The connectome, its signs where they are known.
    ///
    /// # Errors
    /// [`Error::System`] if no temporary folder can be written, [`Error::Io`] if the tables are damaged.
    pub fn read(self) -> Result<Connectome, Error> {
        match self {
            Self::Worm => worm(),
        }
    }
}

/// The circuit of a connectome's chemical synapses, or of all its edges where kinds are not stated.
pub(crate) fn wire(connectome: &Connectome, seed: Seed) -> Result<Wired, Error> {
    let chemical = connectome.of_kind("chemical")?;
    let connectome = if chemical.edges().is_empty() { connectome.clone() } else { chemical };
    let signed = with_signs(&connectome, seed)?;
    let mut weight_matrix = signed.weight_matrix(Synapses::Weight);
    weight_matrix.diag_mut().fill(0.0);
    for mut row in weight_matrix.axis_iter_mut(Axis(0)) {
        let n_synapses = row.iter().map(|weight| weight.abs()).sum::<f32>();
        if n_synapses > 0.0 {
            row.mapv_inplace(|count| ROW_NORM * count.signum() * (count.abs() / n_synapses).sqrt());
        }
    }
    Ok(Wired { weight_matrix, neuron_ids: Some(connectome.neurons().id().to_vec()) })
}

/// Unknown signs are drawn, in the order of the edges.
fn with_signs(connectome: &Connectome, seed: Seed) -> Result<Connectome, Error> {
    let coin = seed.split("signs");
    let edges = connectome.edges();
    let sign = (0..edges.len())
        .map(|edge| match edges.sign.get(edge).copied().unwrap_or(0) {
            0 if coin.nth(edge as u64).0.is_multiple_of(2) => 1,
            0 => -1,
            known => known,
        })
        .collect();
    let edges = EdgeList { sign, weight: Vec::new(), ..edges.clone() };
    Ok(Connectome::new(connectome.neurons().clone(), edges)?)
}

/// Only the neurons (the tables list muscles too); GABA inhibits.
fn worm() -> Result<Connectome, Error> {
    let folder = std::env::temp_dir().join(format!("neuroloom-worm-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(system("create", &folder))?;
    let connectome = unpack(&folder);
    std::fs::remove_dir_all(&folder).map_err(system("remove", &folder))?;
    neurons_only(&connectome?)
}

/// The tables are part of the binary, so that the demo works wherever it is installed.
fn unpack(folder: &Path) -> Result<Connectome, Error> {
    let tables: [(&str, &[u8]); 2] = [
        ("nodes.csv.gz", include_bytes!("../../../../data/worm/nodes.csv.gz")),
        ("edges.csv.gz", include_bytes!("../../../../data/worm/edges.csv.gz")),
    ];
    for (name, bytes) in tables {
        neuroloom_io::write_atomic(&folder.join(name), bytes)?;
    }
    Ok(neuroloom_io::read_connectome(folder, &neuroloom_io::ConnectomeOptions::default())?.connectome)
}

fn neurons_only(connectome: &Connectome) -> Result<Connectome, Error> {
    let table = connectome.neurons();
    let is_neuron = |cell: usize| {
        !table.cell_type().is_some_and(|types| matches!(types[cell].as_str(), "muscle" | "other_cell"))
    };
    let kept: Vec<usize> = (0..table.len()).filter(|&cell| is_neuron(cell)).collect();
    let mut place = vec![None; table.len()];
    kept.iter().enumerate().for_each(|(new, &old)| place[old] = Some(new as u32));
    let ids: Vec<NeuronId> = kept.iter().map(|&cell| table.id()[cell].clone()).collect();
    let mut edges = EdgeList::default();
    let all = connectome.edges();
    for edge in 0..all.len() {
        let (pre, post) = (all.pre[edge] as usize, all.post[edge] as usize);
        if let (Some(new_pre), Some(new_post)) = (place[pre], place[post]) {
            edges.pre.push(new_pre);
            edges.post.push(new_post);
            edges.syn_count.push(all.syn_count.get(edge).copied().unwrap_or(1.0));
            edges.kind.push(all.kind.get(edge).cloned().unwrap_or_default());
            edges.sign.push(if is_gabaergic(&table.id()[pre].to_string()) { -1 } else { 0 });
        }
    }
    Ok(Connectome::new(neuroloom_core::NeuronTable::new(ids)?, edges)?)
}

/// The 26 GABA neurons of the worm (McIntire et al. 1993): DD1-6, VD1-13, RME, AVL, DVB, RIS.
fn is_gabaergic(name: &str) -> bool {
    let motor = |prefix: &str| name.strip_prefix(prefix).is_some_and(|rest| rest.parse::<u8>().is_ok());
    motor("DD") || motor("VD") || name.starts_with("RME") || ["AVL", "DVB", "RIS"].contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worm_has_302_neurons_of_which_26_release_gaba() {
        let connectome = BundledConnectome::Worm.read().unwrap();
        let names: Vec<String> = connectome.neurons().id().iter().map(ToString::to_string).collect();
        assert_eq!(names.len(), 302);
        assert_eq!(names.iter().filter(|name| is_gabaergic(name)).count(), 26);
        // data/worm/README.md: 3,709 chemical connections among the neurons.
        assert_eq!(connectome.of_kind("chemical").unwrap().edges().len(), 3709);
    }

    #[test]
    fn rows_have_one_norm_and_known_signs_stay() {
        let neurons = neuroloom_core::NeuronTable::new(NeuronId::numbered(3)).unwrap();
        let edges = EdgeList {
            pre: vec![0, 1],
            post: vec![2, 2],
            syn_count: vec![9.0, 16.0],
            sign: vec![-1, 1],
            ..EdgeList::default()
        };
        let wired = wire(&Connectome::new(neurons, edges).unwrap(), Seed(1)).unwrap();
        // 9 and 16 of 25 synapses: W = 0.6 (-sqrt(9/25), sqrt(16/25)) = (-0.36, 0.48).
        assert!((wired.weight_matrix[[2, 0]] + 0.36).abs() < 1e-6);
        assert!((wired.weight_matrix[[2, 1]] - 0.48).abs() < 1e-6);
        let n_weights = wired.weight_matrix.iter().filter(|&&weight| weight != 0.0).count();
        assert_eq!(n_weights, 2);
    }
}
