//! Edges in columns; neurons are few and stay a CSV that can be looked at.

use std::path::Path;
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::file::properties::WriterProperties;
use arrow_array::{ArrayRef, Float32Array, Int8Array, Int64Array, RecordBatch, StringArray};
use neuroloom_core::Connectome;

use super::{folder, integers};
use crate::Error;
use crate::atomic::AtomicFile;
use crate::connectome::write_nodes;
use crate::error::corrupt;

/// Rows that are turned into columns at a time.
const ROWS: usize = 1 << 20;

pub(super) fn write(dir: &Path, connectome: &Connectome) -> Result<(), Error> {
    folder(dir)?;
    write_nodes(dir, connectome)?;
    let path = dir.join("edges.parquet");
    let failed = corrupt(&path, "Parquet");
    let mut file = AtomicFile::create(&path)?;
    let columns = Columns { connectome, integers: integers(connectome.neurons().id()) };
    let first = columns.batch(0..0).map_err(corrupt(&path, "Parquet"))?;
    let level = ZstdLevel::try_new(1).map_err(corrupt(&path, "Parquet"))?;
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
    let mut writer = ArrowWriter::try_new(&mut file, first.schema(), Some(properties))
        .map_err(corrupt(&path, "Parquet"))?;
    let n = connectome.edges().len();
    for start in (0..n).step_by(ROWS) {
        let batch = columns.batch(start..n.min(start + ROWS)).map_err(corrupt(&path, "Parquet"))?;
        writer.write(&batch).map_err(&failed)?;
    }
    writer.close().map_err(&failed)?;
    file.commit()
}

struct Columns<'a> {
    connectome: &'a Connectome,
    integers: Option<Vec<i64>>,
}

impl Columns<'_> {
    fn batch(&self, rows: std::ops::Range<usize>) -> Result<RecordBatch, arrow_schema::ArrowError> {
        let edges = self.connectome.edges();
        let part = rows.clone();
        let mut columns: Vec<(&str, ArrayRef)> =
            vec![("pre", self.ends(&edges.pre[rows.clone()])), ("post", self.ends(&edges.post[rows]))];
        if !edges.kind.is_empty() {
            columns.push(("kind", Arc::new(StringArray::from_iter_values(&edges.kind[part.clone()]))));
        }
        if !edges.syn_count.is_empty() {
            columns.push((
                "n_syn",
                Arc::new(Float32Array::from_iter_values(edges.syn_count[part.clone()].iter().copied())),
            ));
        }
        if !edges.sign.is_empty() {
            columns.push((
                "sign",
                Arc::new(Int8Array::from_iter_values(edges.sign[part.clone()].iter().copied())),
            ));
        }
        if !edges.weight.is_empty() {
            columns.push((
                "weight",
                Arc::new(Float32Array::from_iter_values(edges.weight[part].iter().copied())),
            ));
        }
        RecordBatch::try_from_iter(columns)
    }

    fn ends(&self, ends: &[u32]) -> ArrayRef {
        match &self.integers {
            Some(ids) => Arc::new(Int64Array::from_iter_values(ends.iter().map(|&end| ids[end as usize]))),
            None => {
                let ids = self.connectome.neurons().id();
                let names = ends.iter().map(|&end| ids[end as usize].to_string());
                Arc::new(StringArray::from_iter_values(names))
            }
        }
    }
}
