//! One of the equal parts into which many machines share a run. A project belongs to the part that the hash of its
//! outputs' path says, whatever else is in the tree: adding a project moves no other one.

use std::fmt;

use crate::hash::short;

/// Most shards of a run: each has a file of its own in the output folder.
const MOST: u32 = 100_000;

/// Part `index` of `count`, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    index: u32,
    count: u32,
}

impl Shard {
    /// The shard, when there is one with this number; a run has at most 100,000.
    pub fn new(index: u32, count: u32) -> Option<Shard> {
        (index < count && count <= MOST).then_some(Shard { index, count })
    }

    /// Its number, from 0.
    pub fn index(self) -> u32 {
        self.index
    }

    /// How many there are.
    pub fn count(self) -> u32 {
        self.count
    }

    /// The shard of `count` to which a target belongs: the first 16 hexadecimal digits of the SHA-256 of its path
    /// below the output folder (UTF-8, with `/`, without extension), as a number, modulo the count.
    pub fn of(target: &str, count: u32) -> Shard {
        let index = short(target.as_bytes()) % u64::from(count.max(1));
        Shard { index: u32::try_from(index).unwrap_or_default(), count }
    }

    /// Whether a target belongs to it.
    pub fn holds(self, target: &str) -> bool {
        Shard::of(target, self.count) == self
    }

    /// The middle of the names of its own files.
    pub(super) fn infix(self) -> String {
        format!(".shard-{}-of-{}", self.index, self.count)
    }

    /// The shard that a file's name says, `name` being what follows `manifest.shard-`.
    pub(super) fn named(name: &str) -> Option<Shard> {
        let (index, count) = name.split_once("-of-")?;
        Shard::new(index.parse().ok()?, count.parse().ok()?)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl std::str::FromStr for Shard {
    type Err = ();

    /// Reads `K/N`.
    fn from_str(text: &str) -> Result<Shard, ()> {
        let (index, count) = text.split_once('/').ok_or(())?;
        let number = |text: &str| text.trim().parse().map_err(drop);
        Shard::new(number(index)?, number(count)?).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::Shard;

    #[test]
    fn the_share_is_the_documented_one() {
        // printf '甲局/一' | sha256sum | cut -c1-16, modulo 8.
        assert_eq!(Shard::of("甲局/一", 8).to_string(), "7/8");
        let of_three = |target: usize| Shard::of(&format!("部门/{target}"), 3).index();
        let mut counts = [0; 3];
        (0..3000).for_each(|target| counts[of_three(target) as usize] += 1);
        assert!(counts.iter().all(|&count| (900..1100).contains(&count)), "{counts:?}");
    }

    #[test]
    fn a_shard_is_read_as_it_is_printed() {
        assert_eq!("3/8".parse(), Ok(Shard { index: 3, count: 8 }));
        assert!(
            ["8/8", "-1/8", "3", "3/0", "a/b", "1/2/3", "0/100001", ""]
                .iter()
                .all(|text| text.parse::<Shard>().is_err())
        );
    }
}
