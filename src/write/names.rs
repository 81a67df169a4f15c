//! Names of files and folders that are made from data: they must work on Windows too, and never leave the folder.

/// Names that Windows keeps for devices, whatever the extension.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
/// Longest name in bytes; with an extension and a temporary prefix it stays below the 255 of most systems.
const LONGEST: usize = 180;

/// Makes a file name from any text. Forbidden characters become their full-width twins, which read the same.
pub fn file_name(wanted: &str) -> String {
    let readable: String = wanted.chars().filter(|c| !c.is_control()).map(twin).collect();
    let end = readable.floor_char_boundary(LONGEST);
    let name = readable[..end].trim().trim_end_matches(['.', ' ']);
    let stem = name.split('.').next().unwrap_or_default().to_lowercase();
    let numbered = |port: &str| stem.strip_prefix(port).is_some_and(|rest| rest.len() == 1 && rest != "0");
    match name {
        "" => "未命名".to_owned(),
        _ if DEVICES.contains(&stem.as_str()) || numbered("com") || numbered("lpt") => format!("_{name}"),
        _ => name.to_owned(),
    }
}

fn twin(c: char) -> char {
    match c {
        '<' => '＜',
        '>' => '＞',
        ':' => '：',
        '"' => '＂',
        '/' => '／',
        '\\' => '＼',
        '|' => '｜',
        '?' => '？',
        '*' => '＊',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn names_work_everywhere() {
        assert_eq!(file_name("省数据局"), "省数据局");
        assert_eq!(file_name("../a:b?"), "..／a：b？");
        assert_eq!(file_name(".. . "), "未命名");
        assert_eq!(file_name("con.2024"), "_con.2024");
        assert_eq!(file_name("COM1"), "_COM1");
        assert_eq!(file_name("a\u{0}b. "), "ab");
        assert!(file_name(&"绩".repeat(300)).len() <= 180);
    }
}
