//! Embeds the rows of a file of f64 in two coordinates and prints seconds and peak memory in MB, for
//! `reference/isomap_benchmark.py` and `reference/embedding_quality.py`.
//!
//! `manifold_timings isomap|tsne|umap POINTS N_FEATURES OUT N_NEIGHBOURS SEED` (for t-SNE the neighbours are its perplexity)

#![allow(clippy::print_stdout, reason = "it prints a row of a benchmark")]

use std::error::Error;
use std::time::Instant;

use ndarray::{Array2, ArrayView2};
use neuroloom_analysis::manifold::{Isomap, IsomapConfig, Neighbourhood, Tsne, TsneConfig, Umap, UmapConfig};
use neuroloom_core::Seed;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [method, points, n_features, out, n_neighbours, seed] = &arguments[..] else {
        return Err("METHOD POINTS N_FEATURES OUT N_NEIGHBOURS SEED".into());
    };
    let points = read(points, n_features.parse()?)?;
    let before = peak_memory_mb();
    let started = Instant::now();
    let embedding = embed(method, points.view(), (n_neighbours.parse()?, Seed(seed.parse()?)))?;
    let seconds = started.elapsed().as_secs_f64();
    let memory = peak_memory_mb() - before;
    std::fs::write(out, embedding.iter().flat_map(|entry| entry.to_le_bytes()).collect::<Vec<u8>>())?;
    println!("[{seconds}, {memory}]");
    Ok(())
}

fn embed(
    method: &str,
    points: ArrayView2<'_, f64>,
    (n_neighbours, seed): (usize, Seed),
) -> Result<Array2<f64>, Box<dyn Error>> {
    match method {
        "isomap" => {
            let neighbourhood = Neighbourhood::Nearest(n_neighbours);
            Ok(Isomap::fit(points, &IsomapConfig { neighbourhood, ..Default::default() })?.embedding())
        }
        "tsne" => {
            let perplexity = n_neighbours as f64;
            Ok(Tsne::fit(points, &TsneConfig { perplexity, ..Default::default() })?.embedding)
        }
        "umap" => Ok(Umap::fit(points, &UmapConfig { n_neighbours, seed, ..Default::default() })?.embedding),
        other => Err(format!("no method {other}").into()),
    }
}

fn read(path: &str, n_features: usize) -> Result<Array2<f64>, Box<dyn Error>> {
    let bytes = std::fs::read(path)?;
    let number = |bytes: &[u8]| f64::from_le_bytes(std::array::from_fn(|place| bytes[place]));
    let numbers: Vec<f64> = bytes.chunks_exact(8).map(number).collect();
    Ok(Array2::from_shape_vec((numbers.len() / n_features, n_features), numbers)?)
}

/// Largest resident set so far; 0 where the system does not say.
fn peak_memory_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let kb = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kb.unwrap_or(0.0) / 1024.0
}
