mod tissue;

use ndarray::Array2;
use neuroloom_core::{Seed, Silent};
use rand::RngExt;

use super::*;

fn normal(shape: (usize, usize), seed: u64) -> Array2<f64> {
    let mut rng = Seed(seed).rng();
    Array2::from_shape_simple_fn(shape, || (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0)
}

fn config() -> DirectionConfig {
    DirectionConfig { n_permutations: 99, ..DirectionConfig::default() }
}

fn cosine(a: &[f64], b: &[f64]) -> f64 {
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn planted_directions_are_found_and_density_is_told_apart() {
    let (codes, held_codes) = (normal((300, 32), 1), normal((100, 32), 2));
    let truth = normal((2, 32), 3);
    let (noise, size_noise) = (normal((300, 2), 4), normal((300, 2), 5));
    // Metric 0 follows the code, metric 1 is density and follows the code too, metric 2 is noise.
    let size = Array2::from_shape_fn((300, 2), |(row, column)| match column {
        0 => 90.0 + size_noise[[row, 0]].round(),
        _ => 500.0 + 60.0 * codes.row(row).dot(&truth.row(1)),
    });
    let make = |codes: &Array2<f64>, rows: usize| {
        Array2::from_shape_fn((rows, 3), |(row, metric)| match metric {
            0 => codes.row(row).dot(&truth.row(0)) + noise[[row, 0]],
            1 => 0.05 + 0.01 * codes.row(row).dot(&truth.row(1)),
            _ => noise[[row, 1]],
        })
    };
    let (metrics, held_metrics) = (make(&codes, 300), make(&held_codes, 100));
    let held_size = Array2::from_elem((100, 2), 1.0);
    let train = CodedCircuits { codes: codes.view(), metrics: metrics.view(), size: size.view() };
    let held =
        CodedCircuits { codes: held_codes.view(), metrics: held_metrics.view(), size: held_size.view() };
    let names = ["reciprocity", "density", "noise"].map(str::to_owned);
    let found = directions(&names, &train, Some(&held), &config(), &Silent).unwrap();
    let [planted, density, noise] = [&found.directions[0], &found.directions[1], &found.directions[2]];
    assert!(planted.r2_cv > 0.93 && planted.r2_held_out.unwrap() > 0.93, "{planted:?}");
    assert!(cosine(&planted.unit, truth.row(0).as_slice().unwrap()) > 0.98 && planted.p_value == 0.01);
    assert!(planted.bin_mean_cosine > 0.85 && planted.r2_size < 0.2 && planted.r2_beyond_size > 0.85);
    assert!(density.r2_cv > 0.99 && density.r2_size > 0.95, "{density:?}");
    assert!(noise.r2_cv < 0.05 && noise.p_value > 0.01, "{noise:?}");
    assert!((found.cosine[[0, 0]] - 1.0).abs() < 1e-12 && found.cosine[[0, 1]].abs() < 0.6);
}

#[test]
fn a_latent_number_that_hardly_varies_does_not_make_the_direction() {
    let mut codes = normal((200, 4), 6);
    codes.column_mut(3).mapv_inplace(|value| 1e-6 * value);
    codes.column_mut(2).fill(0.5);
    let metrics = Array2::from_shape_fn((200, 1), |(row, _)| codes[[row, 0]]);
    let size = normal((200, 2), 7);
    let circuits = CodedCircuits { codes: codes.view(), metrics: metrics.view(), size: size.view() };
    let found = directions(&["clustering".to_owned()], &circuits, None, &config(), &Silent).unwrap();
    let unit = &found.directions[0].unit;
    assert!(unit[0] > 0.999 && unit[2] == 0.0 && unit[3].abs() < 0.05, "{unit:?}");
}

#[test]
fn undefined_and_constant_metrics_are_left_out_by_name() {
    let codes = normal((40, 3), 8);
    let metrics = Array2::from_shape_fn((40, 3), |(row, metric)| match metric {
        0 => 1.0,
        1 if row < 20 => f64::NAN,
        _ => codes[[row, 0]] + if row == 0 { f64::NAN } else { 0.0 },
    });
    let size = normal((40, 2), 9);
    let circuits = CodedCircuits { codes: codes.view(), metrics: metrics.view(), size: size.view() };
    let names = ["constant", "rare", "nearly all"].map(str::to_owned);
    let found = directions(&names, &circuits, None, &config(), &Silent).unwrap();
    assert_eq!(
        found.left_out.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["constant", "rare"]
    );
    assert_eq!(found.directions[0].n_circuits, 39);
    assert!(directions(&names[..2], &circuits, None, &config(), &Silent).is_err());
}

#[test]
fn p_values_are_counted_exactly_and_uniform_under_the_null() {
    // 80 metrics of noise: the p-values of 19 permutations are multiples of 1/20 and uniform over them.
    let codes = normal((50, 5), 10);
    let metrics = normal((50, 80), 11);
    let size = normal((50, 2), 12);
    let circuits = CodedCircuits { codes: codes.view(), metrics: metrics.view(), size: size.view() };
    let names: Vec<String> = (0..80).map(|metric| format!("noise {metric}")).collect();
    let config = DirectionConfig { n_permutations: 19, ..DirectionConfig::default() };
    let found = directions(&names, &circuits, None, &config, &Silent).unwrap();
    let p_values: Vec<f64> = found.directions.iter().map(|one| one.p_value).collect();
    assert!(p_values.iter().all(|p| (p * 20.0 - (p * 20.0).round()).abs() < 1e-12 && *p >= 0.05));
    let mean = p_values.iter().sum::<f64>() / 80.0;
    // Uniform on 1/20..20/20: mean 0.525, standard deviation 0.288 / sqrt(80) = 0.032.
    assert!((mean - 0.525).abs() < 0.11, "{mean}");
    let small = p_values.iter().filter(|p| **p <= 0.1).count();
    assert!((1..=18).contains(&small), "{small} of 80 at most 0.1, 8 expected");
}

#[test]
fn maps_are_coloured_by_quantile_and_the_line_points_uphill() {
    let points = normal((90, 2), 13);
    let metric: Vec<f64> = (0..90)
        .map(|row| if row == 3 { f64::NAN } else { points[[row, 0]] * 3.0 + points[[row, 1]] * 4.0 })
        .collect();
    let found = colour_map(points.view(), &metric, 4).unwrap();
    assert_eq!((found.cuts.len(), found.bin[3]), (3, None));
    let counts: Vec<usize> =
        (0..4).map(|bin| found.bin.iter().filter(|one| **one == Some(bin)).count()).collect();
    assert!(counts.iter().all(|&count| (21..=24).contains(&count)), "{counts:?}");
    let [start, end] = found.line.unwrap();
    let along = [end[0] - start[0], end[1] - start[1]];
    assert!(cosine(&along, &[3.0, 4.0]) > 0.999 && found.r2_map > 0.999);
    let flat = colour_map(points.view(), &[2.0; 90], 4).unwrap();
    assert_eq!((flat.line, flat.r2_map), (None, 0.0));
    assert!(flat.bin.iter().all(|bin| *bin == Some(0)));
    assert!(colour_map(points.view(), &[1.0], 4).is_err());
}
