//! Digests as hexadecimal text.

use core::fmt;
use core::str::FromStr;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use thiserror::Error;

use vm_stark::F;

use super::Digest;

/// Digest that is displayed and parsed in hexadecimal: eight digits per field element.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct HexDigest(Digest);

impl From<Digest> for HexDigest {
    fn from(digest: Digest) -> Self {
        Self(digest)
    }
}

impl fmt::Display for HexDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|x| write!(f, "{:08x}", x.as_canonical_u32()))
    }
}

impl FromStr for HexDigest {
    type Err = HexDigestError;

    fn from_str(text: &str) -> Result<Self, HexDigestError> {
        let text = text.strip_prefix("0x").unwrap_or(text);
        let mut digest = Digest::default();
        if text.len() != 8 * digest.len() || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(HexDigestError);
        }
        for (i, limb) in digest.iter_mut().enumerate() {
            let value = u32::from_str_radix(&text[8 * i..8 * (i + 1)], 16).map_err(|_| HexDigestError)?;
            // Other numbers would be second spellings of canonical field elements.
            if value >= F::ORDER_U32 {
                return Err(HexDigestError);
            }
            *limb = F::from_u32(value);
        }
        Ok(Self(digest))
    }
}

impl From<HexDigest> for Digest {
    fn from(digest: HexDigest) -> Self {
        digest.0
    }
}

/// Error of parsing a text that is not a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a digest: expected the 64 hexadecimal digits that this program prints")]
pub struct HexDigestError;

impl fmt::Debug for HexDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_canonical_with_or_without_prefix() {
        let digest: Digest = core::array::from_fn(|i| F::from_u32(0x1234_5678 + i as u32));
        let text = HexDigest::from(digest).to_string();
        for text in [&text, &format!("0x{text}")] {
            assert_eq!(Digest::from(text.parse::<HexDigest>().unwrap()), digest);
        }
        let above = format!("{:08x}{}", F::ORDER_U32, &text[8..]);
        for wrong in ["", &text[1..], &format!("{text}0"), &text.replace('1', "g"), &above, &format!("+{}", &text[1..])]
        {
            assert!(wrong.parse::<HexDigest>().is_err(), "{wrong}");
        }
    }
}
