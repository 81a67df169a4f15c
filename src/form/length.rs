//! Lengths as people who set type write them: `2cm`, `4pt`, `五号`.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};

/// A length in points (1/72 inch).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Length(pub f64);

/// Chinese type sizes in points, as word processors use them.
const TYPE_SIZES: [(&str, f64); 16] = [
    ("初号", 42.0),
    ("小初", 36.0),
    ("一号", 26.0),
    ("小一", 24.0),
    ("二号", 22.0),
    ("小二", 18.0),
    ("三号", 16.0),
    ("小三", 15.0),
    ("四号", 14.0),
    ("小四", 12.0),
    ("五号", 10.5),
    ("小五", 9.0),
    ("六号", 7.5),
    ("小六", 6.5),
    ("七号", 5.5),
    ("八号", 5.0),
];

/// Units in points.
const UNITS: [(&str, f64); 4] = [("pt", 1.0), ("cm", 72.0 / 2.54), ("mm", 7.2 / 2.54), ("in", 72.0)];

impl std::str::FromStr for Length {
    type Err = String;

    fn from_str(text: &str) -> Result<Length, String> {
        if let Some((_, size)) = TYPE_SIZES.iter().find(|(name, _)| *name == text) {
            return Ok(Length(*size));
        }
        UNITS
            .iter()
            .find_map(|(unit, points)| Some(text.strip_suffix(unit)?.trim().parse::<f64>().ok()? * points))
            .filter(|points| points.is_finite() && *points >= 0.0)
            .map(Length)
            .ok_or_else(|| format!("“{text}”不是长度：应写成 2cm、4pt、20mm、1in 或字号（如 五号）"))
    }
}

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Length, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Length;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("长度，如 2cm、4pt 或 五号")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Length, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}
