//! PB-02: characters that the form's first face lacks. The set of a face's characters is built once; a document is
//! then one look-up for each character.

use crate::diag::{DataPath, Finding, Severity};
use crate::load::fonts::Typefaces;
use crate::load::{Document, Kind, Node, paragraphs};

/// Which characters the faces of a form's texts have.
#[derive(Debug)]
pub struct Coverage {
    /// A bit for each code point and face, in order of preference, with the face's name.
    faces: Vec<(String, Vec<u64>)>,
}

impl Coverage {
    /// The characters of the faces in a list of the style.
    pub fn new(faces: &Typefaces, list: usize) -> Coverage {
        let faces = faces.list(list).iter().map(|face| {
            let mut bits = vec![0u64; 0x11_0000 / 64];
            for code in face.info().coverage.iter() {
                if let Some(word) = bits.get_mut(code as usize / 64) {
                    *word |= 1 << (code % 64);
                }
            }
            (face.info().family.clone(), bits)
        });
        Coverage { faces: faces.collect() }
    }

    fn rank(&self, character: char) -> Option<usize> {
        let code = u32::from(character);
        self.faces.iter().position(|(_, bits)| bits[code as usize / 64] >> (code % 64) & 1 == 1)
    }

    /// A finding for each character of each value that the first face lacks: an error when no other face has it,
    /// else a hint that names the face it will be printed in.
    pub fn findings(&self, document: &Document) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.walk(document, &document.root, &DataPath::root(), &mut findings);
        findings
    }

    fn walk(&self, document: &Document, node: &Node, path: &DataPath, findings: &mut Vec<Finding>) {
        match &node.kind {
            Kind::Null => {}
            Kind::Scalar(text) => self.scalar(document, node, path, text, findings),
            Kind::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.walk(document, item, &path.index(index), findings);
                }
            }
            Kind::Map(entries) => {
                for entry in entries {
                    self.walk(document, &entry.value, &path.key(entry.key.clone()), findings);
                }
            }
        }
    }

    fn scalar(
        &self,
        document: &Document,
        node: &Node,
        path: &DataPath,
        text: &str,
        findings: &mut Vec<Finding>,
    ) {
        if text.chars().all(|c| c == '\n' || self.rank(c) == Some(0)) {
            return;
        }
        let printed = paragraphs(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned);
        let mut seen = Vec::new();
        for c in printed.chars().filter(|&c| c != '\n') {
            let rank = self.rank(c);
            if rank == Some(0) || seen.contains(&c) {
                continue;
            }
            seen.push(c);
            let code = u32::from(c);
            let (severity, message) = match rank {
                Some(rank) => (
                    Severity::Hint,
                    format!("“{c}”（U+{code:04X}）{}缺字，已换用{}", self.faces[0].0, self.faces[rank].0),
                ),
                None => (Severity::Error, format!("“{c}”（U+{code:04X}）在所有可用字体中都没有，无法显示")),
            };
            let at = document.locate(node, c.encode_utf8(&mut [0; 4]), 0);
            let finding = document.finding("PB-02", at, message).graded(severity, "合规性");
            findings.push(finding.of(path.clone()).fix("请换成通用字，或安装含有这个字的字体。"));
        }
    }
}
