//! How fast long recordings pass: `cargo test -p neuroloom-io --test formats speed -- --ignored --nocapture`.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests are tests too")]

use std::time::Instant;

use ndarray::{Array2, s};
use neuroloom_core::{FrameShape, FrameSource, NeuronId};
use neuroloom_io::{ActivityHeader, ActivityWriter, ReadOptions, open_recording, write_npy};

#[test]
#[ignore = "prints times, asserts nothing"]
fn a_hundred_thousand_frames() {
    let shape = FrameShape { n_trials: 1, n_frames: 100_000, n_neurons: 1000 };
    let block = Array2::from_shape_fn((1000, 1000), |(t, i)| (t as f32).sin() * i as f32);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.zarr");
    let start = Instant::now();
    let mut writer =
        ActivityWriter::create(&path, ActivityHeader::new(shape, 0.01, NeuronId::numbered(1000))).unwrap();
    for _ in 0..100 {
        writer.append(0, block.view(), None).unwrap();
    }
    writer.finish().unwrap();
    eprintln!("zarr: 400 MB written in {:.3} s", start.elapsed().as_secs_f64());
    for frames in [4096, 1000, 64] {
        let recording = open_recording(&path, &ReadOptions::default()).unwrap();
        time("zarr", &*recording.activity, frames);
    }
    let npy = folder.path().join("a.npy");
    let whole = Array2::from_shape_fn((100_000, 1000), |(t, i)| block[[t % 1000, i]]);
    write_npy(&npy, &(&whole).into()).unwrap();
    let options = ReadOptions { dt_s: Some(0.01), ..ReadOptions::default() };
    time("npy", &*open_recording(&npy, &options).unwrap().activity, 1000);
}

fn time(name: &str, source: &dyn FrameSource, frames: usize) {
    let FrameShape { n_frames, n_neurons, .. } = source.shape();
    let mut buffer = Array2::zeros((frames, n_neurons));
    let start = Instant::now();
    let mut sum = 0.0;
    for first in (0..n_frames).step_by(frames) {
        let end = (first + frames).min(n_frames);
        source.read_frames(0, first..end, buffer.slice_mut(s![..end - first, ..])).unwrap();
        sum += buffer[[0, 1]];
    }
    let seconds = start.elapsed().as_secs_f64();
    eprintln!("{name}: 400 MB read in {seconds:.3} s, {frames} frames at a time (check {sum})");
}
