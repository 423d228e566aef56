//! Seconds and peak memory of an embedding of the rows of a file of f64, for `reference/isomap_benchmark.py`.
//!
//! `manifold_timings METHOD POINTS N_FEATURES OUT N_NEIGHBOURS SEED`, METHOD one of isomap, tsne, umap.

#![allow(clippy::print_stdout, reason = "it prints a row of a benchmark")]

use std::error::Error;
use std::time::Instant;

use ndarray::Array2;
use neuroloom_analysis::manifold::{Isomap, IsomapConfig, Neighbourhood};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [method, points, n_features, out, n_neighbours, _seed] = &arguments[..] else {
        return Err("METHOD POINTS N_FEATURES OUT N_NEIGHBOURS SEED".into());
    };
    let numbers: Vec<f64> = std::fs::read(points)?
        .chunks_exact(8)
        .map(|bytes| f64::from_le_bytes(std::array::from_fn(|place| bytes[place])))
        .collect();
    let n_features: usize = n_features.parse()?;
    let points = Array2::from_shape_vec((numbers.len() / n_features, n_features), numbers)?;
    let started = Instant::now();
    let embedding = match method.as_str() {
        "isomap" => {
            let neighbourhood = Neighbourhood::Nearest(n_neighbours.parse()?);
            Isomap::fit(points.view(), &IsomapConfig { neighbourhood, ..Default::default() })?.embedding()
        }
        other => return Err(format!("no method {other}").into()),
    };
    let seconds = started.elapsed().as_secs_f64();
    std::fs::write(out, embedding.iter().flat_map(|entry| entry.to_le_bytes()).collect::<Vec<u8>>())?;
    println!("{seconds}");
    Ok(())
}
