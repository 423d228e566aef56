//! Recordings: read(write(x)) == x for every format, and how a file is understood.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests are tests too")]

use std::path::Path;

use ndarray::{Array2, Array3, s};
use neuroloom_core::{Activity, FrameShape, FrameSource, NeuronId};
use neuroloom_io::{
    ActivityHeader, ActivityWriter, NamedArray, OpenRecording, Orientation, ReadOptions, open_recording,
    write_activity, write_npz,
};
use proptest::prelude::*;

/// The whole recording in memory, by reads of odd sizes across chunk borders.
fn collect(source: &dyn FrameSource) -> Array3<f32> {
    let FrameShape { n_trials, n_frames, n_neurons } = source.shape();
    let mut values = Array3::zeros((n_trials, n_frames, n_neurons));
    for trial in 0..n_trials {
        for start in (0..n_frames).step_by(7) {
            let end = (start + 7).min(n_frames);
            source.read_frames(trial, start..end, values.slice_mut(s![trial, start..end, ..])).unwrap();
        }
    }
    values
}

fn same(a: &Array3<f32>, b: &Array3<f32>) -> bool {
    a.dim() == b.dim() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan())
}

fn open(path: &Path) -> OpenRecording {
    open_recording(path, &ReadOptions::default()).unwrap()
}

fn ids(n: usize) -> impl Strategy<Value = Vec<NeuronId>> {
    let name = prop_oneof![
        any::<i64>().prop_map(NeuronId::Integer),
        "[A-Za-z\u{e9}][ -~]{0,6}[A-Za-z?\"]".prop_map(|name| NeuronId::parse(&name)),
    ];
    proptest::collection::hash_set(name, n).prop_map(|ids| ids.into_iter().collect())
}

fn activity() -> impl Strategy<Value = Activity> {
    (1..4_usize, 2..40_usize, 1..6_usize).prop_flat_map(|(n_trials, n_frames, n_neurons)| {
        let value = prop_oneof![
            8 => -1e30_f32..1e30,
            1 => Just(f32::NAN),
            1 => Just(f32::MIN_POSITIVE / 8.0),
            1 => Just(-0.0_f32),
            1 => Just(f32::MAX),
        ];
        let n = n_trials * n_frames * n_neurons;
        (proptest::collection::vec(value, n), 1..1_000_000_u32, ids(n_neurons)).prop_map(
            move |(values, microseconds, ids)| {
                let values = Array3::from_shape_vec((n_trials, n_frames, n_neurons), values).unwrap();
                Activity::new(values, f64::from(microseconds) * 1e-6, ids).unwrap().with_unit("dF/F")
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_format_gives_back_what_was_written(activity in activity()) {
        let folder = tempfile::tempdir().unwrap();
        for extension in ["zarr", "npz", "parquet", "csv", "csv.gz", "tsv"] {
            let path = folder.path().join(format!("a.{extension}"));
            write_activity(&path, &activity).unwrap();
            let read = open(&path);
            prop_assert!(same(&collect(&*read.activity), activity.values()), "{extension}");
            prop_assert_eq!(read.activity.neuron_ids(), activity.neuron_ids(), "{}", extension);
            let dt_s = read.activity.dt_s();
            let exact = !extension.contains("sv") || activity.shape().n_trials == 1;
            prop_assert!(dt_s == activity.dt_s() || !exact && (dt_s / activity.dt_s() - 1.0).abs() < 1e-8);
            let keeps_unit = !extension.contains("sv");
            prop_assert_eq!(read.unit.as_deref(), keeps_unit.then_some("dF/F"), "{}", extension);
        }
        let path = folder.path().join("a.npy");
        write_activity(&path, &activity).unwrap();
        let options = ReadOptions { dt_s: Some(2.0), ..ReadOptions::default() };
        let read = open_recording(&path, &options).unwrap();
        prop_assert!(same(&collect(&*read.activity), activity.values()));
    }

    #[test]
    fn a_streamed_recording_is_the_same_in_any_portions(
        portions in proptest::collection::vec(1..9_usize, 1..12),
        chunk_frames in 1..11_usize,
    ) {
        let n_frames: usize = portions.iter().sum();
        let shape = FrameShape { n_trials: 2, n_frames, n_neurons: 3 };
        let values = Array3::from_shape_fn((2, n_frames, 3), |(k, t, i)| (1000 * k + 10 * t + i) as f32);
        let drift = values.mapv(|value| -value);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.zarr");
        let header = ActivityHeader::new(shape, 0.25, NeuronId::numbered(3));
        let header = ActivityHeader { with_drift: true, chunk_frames, ..header };
        let mut writer = ActivityWriter::create(&path, header).unwrap();
        let mut start = 0;
        for portion in portions {
            // Trials may be interleaved.
            for trial in [1, 0] {
                let part = s![trial, start..start + portion, ..];
                writer.append(trial, values.slice(part), Some(drift.slice(part))).unwrap();
            }
            start += portion;
        }
        prop_assert!(!path.exists());
        writer.finish().unwrap();
        let read = open(&path);
        prop_assert!(same(&collect(&*read.activity), &values));
        prop_assert!(same(&collect(&*read.drift.unwrap()), &drift));
    }
}

#[test]
fn an_unfinished_recording_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.zarr");
    let shape = FrameShape { n_trials: 1, n_frames: 4, n_neurons: 2 };
    let header = ActivityHeader::new(shape, 0.1, NeuronId::numbered(2));
    let mut writer = ActivityWriter::create(&path, header.clone()).unwrap();
    writer.append(0, Array2::zeros((3, 2)).view(), None).unwrap();
    assert!(writer.append(0, Array2::zeros((2, 2)).view(), None).is_err());
    assert!(writer.append(1, Array2::zeros((1, 2)).view(), None).is_err());
    assert!(writer.append(0, Array2::zeros((1, 3)).view(), None).is_err());
    assert!(writer.append(0, Array2::zeros((1, 2)).view(), Some(Array2::zeros((1, 2)).view())).is_err());
    assert!(writer.finish().unwrap_err().to_string().contains("is 3 of trial 0, allowed: 4"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    // A folder that is no recording is never replaced.
    std::fs::create_dir(&path).unwrap();
    assert!(ActivityWriter::create(&path, header).is_err());
}

#[test]
fn neuron_by_time_is_turned() {
    let folder = tempfile::tempdir().unwrap();
    let stored = Array2::from_shape_fn((3, 2), |(row, column)| (10 * row + column) as f32);
    let path = folder.path().join("a.npz");
    write_npz(&path, &[("activity", (&stored).into()), ("dt", NamedArray::scalar(0.5))]).unwrap();
    let auto = open(&path);
    assert_eq!(auto.activity.shape().n_frames, 3);
    let options = ReadOptions { orientation: Orientation::NeuronByTime, ..ReadOptions::default() };
    let turned = open_recording(&path, &options).unwrap();
    assert_eq!(collect(&*turned.activity).slice(s![0, .., ..]), stored.t());
    // Two frames of three neurons look turned: a warning says what to do.
    let path = folder.path().join("b.npz");
    write_npz(&path, &[("x", stored.t().to_owned().into()), ("dt", NamedArray::scalar(0.5))]).unwrap();
    let warnings = open(&path).warnings;
    assert_eq!(warnings[0].code, "orientation");
    assert!(warnings[0].message.contains("neuron-by-time"));
}

#[test]
fn names_come_from_the_table_beside_the_recording() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("worm.npz");
    write_npz(&path, &[("x", Array2::<f32>::zeros((5, 4)).into())]).unwrap();
    std::fs::write(folder.path().join("worm_neurons.csv"), "index,label\n0,AVAL\n1,\n3,AVAL?\n2,AVAL\n")
        .unwrap();
    let options = ReadOptions { dt_s: Some(0.6), ..ReadOptions::default() };
    let read = open_recording(&path, &options).unwrap();
    let names: Vec<String> = read.activity.neuron_ids().iter().map(NeuronId::to_string).collect();
    assert_eq!(names, ["AVAL", "column_1", "AVAL_2", "AVAL?"]);
    assert_eq!(read.warnings[0].code, "duplicate-names");
}
