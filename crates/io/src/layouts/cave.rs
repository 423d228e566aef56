//! Tables of a CAVE server (Connectome Annotation Versioning Engine), as minnie65_public has them.
//!
//! | table | columns that are read |
//! |---|---|
//! | `synapses_pni_2` | `id`, `valid`, `pre_pt_root_id`, `post_pt_root_id`, on request `size` |
//! | `nucleus_detection_v0` | `pt_root_id`, `pt_position` (list, or `pt_position_x`, `_y`, `_z`) |
//! | `aibs_metamodel_celltypes_v661` and others | `pt_root_id`, `cell_type`, `classification_system`, `pt_position` |
//! | `proofreading_status_and_strategy` | `pt_root_id` or `valid_id`, `status_axon`, `status_dendrite`, `strategy_axon` |
//!
//! CSV with or without an index column, Parquet, Feather; the static archive without a header row and with its
//! header file. Positions are voxels of 4 x 4 x 40 nm unless stated otherwise. Root id 0 is no neuron; a root id
//! with several nuclei is a merge error and is dropped, as the official notebooks do.

use super::options::{CellChoice, RepeatedIds};
use super::table_layout::TableLayout;

pub(super) const LAYOUT: TableLayout = TableLayout {
    pre: &["pre_pt_root_id", "pre_root_id"],
    post: &["post_pt_root_id", "post_root_id"],
    row_id: &["id", "synapse_id"],
    syn_count: &["syn_count", "n_syn"],
    weight: &[],
    kind: &[],
    sign: &[],
    valid: &["valid"],
    node_id: &["pt_root_id", "root_id", "valid_id"],
    cell_type: &["cell_type"],
    position: &["pt_position", "position", "soma_position"],
    voxel_nm: [4.0, 4.0, 40.0],
    repeated_ids: RepeatedIds::Drop,
    cells: CellChoice::Neurons,
};
