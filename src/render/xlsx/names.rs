//! Sheet names that Excel accepts, made from any text. Forbidden characters become their full-width twins, which
//! read the same; a name that is taken gets a number, as Excel itself does it when a sheet is copied.

/// Longest sheet name, in UTF-16 units, which is what Excel counts.
const LONGEST: usize = 31;

/// Makes a sheet name from `wanted` that is valid and, whatever the case of its letters, not in `taken`.
pub fn sheet_name<S: AsRef<str>>(wanted: &str, taken: &[S]) -> String {
    let readable: String = wanted.chars().filter(|c| !c.is_control()).map(twin).collect();
    let name = match shortened(&readable, LONGEST) {
        "" => "表",
        name => name,
    };
    if is_free(name, taken) {
        return name.to_owned();
    }
    let mut number: u64 = 2;
    loop {
        let suffix = format!(" ({number})");
        let numbered = format!("{}{suffix}", shortened(name, LONGEST - suffix.len()));
        if is_free(&numbered, taken) {
            return numbered;
        }
        number += 1;
    }
}

/// The full-width twin of a character that no sheet name may hold; any other character as it is.
fn twin(c: char) -> char {
    match c {
        '[' => '［',
        ']' => '］',
        ':' => '：',
        '*' => '＊',
        '?' => '？',
        '/' => '／',
        '\\' => '＼',
        _ => c,
    }
}

/// As much of a name as fits into `room` units, without the blanks and apostrophes that must not stand at its ends.
fn shortened(name: &str, room: usize) -> &str {
    let edge = |c: char| c == '\'' || c.is_whitespace();
    let name = name.trim_matches(edge);
    let mut used = 0;
    let end = name.char_indices().find(|(_, c)| {
        used += c.len_utf16();
        used > room
    });
    end.map_or(name, |(at, _)| name[..at].trim_end_matches(edge))
}

/// Whether a name can be given. Excel keeps `History` for itself.
fn is_free<S: AsRef<str>>(name: &str, taken: &[S]) -> bool {
    let folded = name.to_lowercase();
    folded != "history" && taken.iter().all(|other| other.as_ref().to_lowercase() != folded)
}

#[cfg(test)]
mod tests {
    use super::sheet_name;

    const NONE: [&str; 0] = [];

    #[test]
    fn forbidden_characters_become_full_width() {
        assert_eq!(sheet_name(r"a[b]:c*d?e/f\g", &NONE), "a［b］：c＊d？e／f＼g");
        assert_eq!(sheet_name(" 'x'y' \n", &NONE), "x'y");
        assert_eq!(sheet_name("a\u{1}b\tc", &NONE), "abc");
    }

    #[test]
    fn length_is_counted_in_utf16_units() {
        assert_eq!(sheet_name(&"绩".repeat(40), &NONE), "绩".repeat(31));
        assert_eq!(sheet_name(&"𠮷".repeat(40), &NONE), "𠮷".repeat(15));
        assert_eq!(sheet_name(&format!("{}' 尾", "a".repeat(29)), &NONE), "a".repeat(29));
    }

    #[test]
    fn names_are_never_empty_reserved_or_double() {
        assert_eq!(sheet_name("", &NONE), "表");
        assert_eq!(sheet_name("''", &["表"]), "表 (2)");
        assert_eq!(sheet_name("history", &NONE), "history (2)");
        assert_eq!(sheet_name("Plan", &["plan", "PLAN (2)"]), "Plan (3)");
        let long = "绩".repeat(31);
        assert_eq!(sheet_name(&long, &[&long]), format!("{} (2)", "绩".repeat(27)));
    }
}
