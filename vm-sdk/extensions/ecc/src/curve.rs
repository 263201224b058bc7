//! Curves, and their points on the host.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vm_modular::modulus::{Modulus, ModulusError};
use vm_modular::number::{Number, parse};

/// A curve `y² = x³ + a·x + b` over the integers modulo a prime. The formulas of addition and doubling do not contain `b`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "CurveText", into = "CurveText")]
pub struct Curve {
    modulus: Modulus,
    a: Number,
}

/// A curve as text.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CurveText {
    modulus: String,
    a: String,
}

/// Reason for which numbers are not a [`Curve`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CurveError {
    /// There are no circuits for the modulus.
    #[error(transparent)]
    Modulus(#[from] ModulusError),
    /// The coefficient is not below the modulus.
    #[error("the coefficient a of a curve is below the modulus {modulus}, but it is {a}")]
    Coefficient {
        /// The modulus.
        modulus: Modulus,
        /// The coefficient.
        a: String,
    },
}

impl Curve {
    /// Checks a curve.
    ///
    /// # Errors
    /// [`CurveError::Coefficient`] if `a` is not below the modulus.
    pub fn new(modulus: Modulus, a: Number) -> Result<Self, CurveError> {
        if a >= modulus.value() {
            return Err(CurveError::Coefficient { modulus, a: a.to_string() });
        }
        Ok(Self { modulus, a })
    }

    /// Returns the modulus.
    pub const fn modulus(&self) -> Modulus {
        self.modulus
    }

    /// Returns the coefficient `a`.
    pub const fn a(&self) -> Number {
        self.a
    }

    /// Returns the sum of two points, unless their x-coordinates are equal.
    pub fn add(&self, [x1, y1]: [Number; 2], [x2, y2]: [Number; 2]) -> Option<Sum> {
        let p = self.modulus;
        let slope = p.mul(p.sub(y2, y1), p.inverse(p.sub(x2, x1))?);
        Some(self.third(slope, [x1, y1], x2))
    }

    /// Returns twice a point, unless its y-coordinate is zero.
    pub fn double(&self, [x, y]: [Number; 2]) -> Option<Sum> {
        let p = self.modulus;
        let square = p.mul(x, x);
        let slope = p.mul(p.add(p.add(square, square), p.add(square, self.a)), p.inverse(p.add(y, y))?);
        Some(self.third(slope, [x, y], x))
    }

    /// Returns the mirror image of the third point of a line with the curve.
    fn third(&self, slope: Number, [x1, y1]: [Number; 2], x2: Number) -> Sum {
        let p = self.modulus;
        let x = p.sub(p.sub(p.mul(slope, slope), x1), x2);
        Sum { slope, point: [x, p.sub(p.mul(slope, p.sub(x1, x)), y1)] }
    }
}

/// Sum of two points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sum {
    /// Slope of the line through the points, or of the tangent.
    pub slope: Number,
    /// Coordinates of the sum.
    pub point: [Number; 2],
}

impl TryFrom<CurveText> for Curve {
    type Error = CurveError;

    fn try_from(CurveText { modulus, a }: CurveText) -> Result<Self, CurveError> {
        let a = parse(&a).ok_or(ModulusError::Text(a))?;
        Self::new(modulus.parse()?, a)
    }
}

impl From<Curve> for CurveText {
    fn from(curve: Curve) -> Self {
        Self { modulus: curve.modulus.to_string(), a: format!("{:#x}", curve.a) }
    }
}
