//! MICrONS phase 1: `soma_subgraph_synapses_spines_v185.csv` (`id`, `pre_root_id`, `post_root_id`, `cleft_vx`,
//! `spine_vol_um3`, ...) and `soma_valence_v185.csv` (`pt_root_id`, `cell_type`, `pt_position`). Three ids occur
//! twice in the valence table; their first row is kept. Positions are voxels of 4 x 4 x 40 nm (the columns
//! `soma_y_nm` and `soma_z_nm` of the source repeat x and are not used).

use super::options::{CellChoice, RepeatedIds};
use super::table_layout::TableLayout;

pub(super) const LAYOUT: TableLayout = TableLayout {
    pre: &["pre_root_id", "pre"],
    post: &["post_root_id", "post"],
    row_id: &["id", "synapse_id"],
    syn_count: &[],
    weight: &[],
    kind: &[],
    sign: &[],
    valid: &[],
    node_id: &["pt_root_id", "root_id", "node_id", "segment_id"],
    cell_type: &["cell_type", "classification", "valence"],
    position: &["pt_position"],
    voxel_nm: [4.0, 4.0, 40.0],
    repeated_ids: RepeatedIds::KeepFirst,
    cells: CellChoice::Neurons,
};
