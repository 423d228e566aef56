//! Turning a tissue so that its depth axis is the y axis.

use crate::Error;

/// Positions rotated about the origin so that `depth` points along +y: distances stay what they are. Reconstructions are
/// seldom aligned with the cortex; minnie65 is tilted by a few degrees, atlas spaces by any angle.
///
/// The rotation is the smallest that does so (Rodrigues' formula).
///
/// # Errors
/// [`Error::Value`] if `depth` has no direction.
///
/// # Examples
/// ```
/// use neuroloom_analysis::graph::sampling::align_depth;
/// // x is depth: x goes to y, and y to -x
/// let turned = align_depth(&[[2.0, 1.0, 5.0]], [3.0, 0.0, 0.0])?;
/// assert!(turned[0].iter().zip([-1.0, 2.0, 5.0]).all(|(found, expected)| (found - expected).abs() < 1e-12));
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn align_depth(positions_um: &[[f64; 3]], depth: [f64; 3]) -> Result<Vec<[f64; 3]>, Error> {
    let length = depth.iter().map(|axis| axis * axis).sum::<f64>().sqrt();
    if !(length.is_finite() && length > 0.0) {
        let given = format!("{depth:?}");
        return Err(Error::Value {
            what: "depth axis",
            given,
            allowed: "three numbers, not all 0".to_owned(),
        });
    }
    let [x, y, z] = depth.map(|axis| axis / length);
    if y < -1.0 + 1e-12 {
        // Straight up: half a turn about x.
        return Ok(positions_um.iter().map(|&[px, py, pz]| [px, -py, -pz]).collect());
    }
    // v = depth x e_y = (-z, 0, x), cos = y; R p = p + v x p + v x (v x p) / (1 + cos)
    let v = [-z, 0.0, x];
    let turned = |&position: &[f64; 3]| {
        let once = cross(v, position);
        let twice = cross(v, once);
        std::array::from_fn(|axis| position[axis] + once[axis] + twice[axis] / (1.0 + y))
    };
    Ok(positions_um.iter().map(turned).collect())
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn depth_becomes_y_and_lengths_stay(
            depth in prop::array::uniform3(-1.0..1.0_f64), position in prop::array::uniform3(-1e3..1e3_f64)
        ) {
            let length = |of: [f64; 3]| of.iter().map(|axis| axis * axis).sum::<f64>().sqrt();
            prop_assume!(length(depth) > 0.01);
            let turned = align_depth(&[position, depth], depth).unwrap();
            prop_assert!((length(turned[0]) - length(position)).abs() < 1e-6);
            prop_assert!(turned[1][0].abs() < 1e-9 && turned[1][2].abs() < 1e-9 && turned[1][1] > 0.0);
        }
    }

    #[test]
    fn no_direction_is_refused() {
        assert!(align_depth(&[], [0.0; 3]).is_err());
        assert_eq!(align_depth(&[[1.0, 2.0, 3.0]], [0.0, -1.0, 0.0]).unwrap(), [[1.0, -2.0, -3.0]]);
    }
}
