//! What the programs that `reference/training_step_benchmark.py` starts share: their numbers and their answers.

use std::error::Error;
use std::io::BufRead;
use std::time::Instant;

/// A training step that can be taken again and again.
pub(crate) trait Timed: Sized {
    /// Takes one step; by value, since Burn's optimisers take the model and give it back.
    fn advance(self) -> Result<Self, Box<dyn Error>>;

    /// The loss of the last step.
    fn loss(&self) -> f64;
}

/// Reads lines: a number of steps to run (answered with the fastest step in seconds), `loss` (with the loss of the last
/// step) or `memory` (with the peak resident megabytes).
pub(crate) fn answer(mut step: impl Timed) -> Result<(), Box<dyn Error>> {
    for line in std::io::stdin().lock().lines() {
        match line?.trim() {
            "loss" => println!("{}", step.loss()),
            "memory" => println!("{}", peak_megabytes().unwrap_or(f64::NAN)),
            count => {
                let mut fastest = f64::INFINITY;
                for _ in 0..count.parse::<usize>()? {
                    let start = Instant::now();
                    step = step.advance()?;
                    fastest = fastest.min(start.elapsed().as_secs_f64());
                }
                println!("{fastest}");
            }
        }
    }
    Ok(())
}

/// Numbers in [-scale, scale) from a counter.
pub(crate) fn numbers(n: usize, scale: f32, salt: u32) -> Vec<f32> {
    let mix = |k: usize| {
        let mut x = (k as u32).wrapping_mul(0x9E37_79B9) ^ salt.wrapping_mul(0x85EB_CA6B);
        x = (x ^ (x >> 15)).wrapping_mul(0x2C1B_3C6D);
        x = (x ^ (x >> 12)).wrapping_mul(0x297A_2D39);
        ((x ^ (x >> 15)) as f32 / 2_147_483_648.0 - 1.0) * scale
    };
    (0..n).map(mix).collect()
}

/// `VmHWM` of this process, where there is a /proc.
fn peak_megabytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<f64>().ok()? / 1024.0)
}
