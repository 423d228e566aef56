//! Matrix Market: one file a quantity (number of synapses, weight, sign) and kind of edge.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use neuroloom_core::Connectome;

use super::folder;
use crate::Error;
use crate::atomic::AtomicFile;
use crate::connectome::write_nodes;
use crate::error::io_error;

pub(super) fn write(dir: &Path, connectome: &Connectome) -> Result<(), Error> {
    folder(dir)?;
    write_nodes(dir, connectome)?;
    let edges = connectome.edges();
    let kinds: BTreeSet<&str> = edges.kind.iter().map(String::as_str).collect();
    let kinds: Vec<Option<&str>> =
        if kinds.is_empty() { vec![None] } else { kinds.into_iter().map(Some).collect() };
    for (number, kind) in kinds.into_iter().enumerate() {
        if kind.is_some_and(|kind| kind.contains(['\n', '\r']) || kind.trim() != kind || kind.is_empty()) {
            let reason = format!("a comment of Matrix Market cannot hold the kind of edge {kind:?}");
            return Err(Error::CannotHold { path: dir.to_owned(), reason });
        }
        let rows: Vec<usize> =
            (0..edges.len()).filter(|&edge| kind == edges.kind.get(edge).map(String::as_str)).collect();
        let matrix = Matrix { connectome, kind, number, rows: &rows };
        let mut quantities = 0;
        for (quantity, absent) in [
            ("syn_count", edges.syn_count.is_empty()),
            ("weight", edges.weight.is_empty()),
            ("sign", edges.sign.is_empty()),
        ] {
            if !absent {
                matrix.write(dir, quantity)?;
                quantities += 1;
            }
        }
        if quantities == 0 {
            matrix.write(dir, "pattern")?;
        }
    }
    Ok(())
}

/// The edges of one kind.
struct Matrix<'a> {
    connectome: &'a Connectome,
    kind: Option<&'a str>,
    number: usize,
    rows: &'a [usize],
}

impl Matrix<'_> {
    fn write(&self, dir: &Path, quantity: &str) -> Result<(), Error> {
        let path = dir.join(match self.kind {
            Some(_) => format!("kind{}.{quantity}.mtx", self.number),
            None => format!("{quantity}.mtx"),
        });
        let mut file = AtomicFile::create(&path)?;
        self.lines(&mut file, quantity).map_err(io_error("write", &path))?;
        file.commit()
    }

    fn lines(&self, file: &mut AtomicFile, quantity: &str) -> std::io::Result<()> {
        let edges = self.connectome.edges();
        let field = if quantity == "pattern" { "pattern" } else { "real" };
        let kind = self.kind.map(|kind| format!(" kind={kind}")).unwrap_or_default();
        let n = self.connectome.neurons().len();
        writeln!(file, "%%MatrixMarket matrix coordinate {field} general")?;
        writeln!(file, "%neuroloom quantity={quantity}{kind}")?;
        writeln!(
            file,
            "% rows send, columns receive; row i is line i of nodes.csv.gz, its header not counted"
        )?;
        writeln!(file, "{n} {n} {}", self.rows.len())?;
        for &edge in self.rows {
            let (row, column) = (edges.pre[edge] + 1, edges.post[edge] + 1);
            match quantity {
                "syn_count" => writeln!(file, "{row} {column} {}", edges.syn_count[edge])?,
                "weight" => writeln!(file, "{row} {column} {}", edges.weight[edge])?,
                "sign" => writeln!(file, "{row} {column} {}", edges.sign[edge])?,
                _ => writeln!(file, "{row} {column}")?,
            }
        }
        Ok(())
    }
}
