//! Typefaces: finds the families that a form asks for, among the machine's fonts and folders the user names, and
//! loads only those. A run sees no other font, so its pages do not depend on what else is installed.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use typst::foundations::Bytes;
use typst::layout::Abs;
use typst::text::{Font, FontInfo, FontInstance, FontVariant, FontVariations, FontWeight};

use crate::diag::Failure;
use crate::grid::{FaceList, Style};
use crate::hash::sha256;

/// The fonts that can be chosen from; only their names are read.
#[derive(Debug)]
pub struct FontSources {
    database: Arc<fontdb::Database>,
    /// Faces found so far: forms share them, because a CJK font is 20 MB.
    known: Mutex<Vec<Arc<Face>>>,
}

/// The typefaces of one form.
#[derive(Debug, Clone)]
pub struct Typefaces {
    /// For each [`FaceList`] of the style, its faces in order of preference.
    lists: Arc<Vec<Vec<Arc<Face>>>>,
}

/// A typeface. Its file is read when its first glyph is asked for: the faces at the end of a list serve rare
/// characters, and a CJK font is 20 MB.
#[derive(Debug)]
pub struct Face {
    database: Arc<fontdb::Database>,
    id: fontdb::ID,
    index: u32,
    weight: u16,
    info: FontInfo,
    fingerprint: String,
    loaded: OnceLock<Option<(Font, FontInstance)>>,
}

impl FontSources {
    /// Collects the names of all fonts in `folders` and, if asked for, of the machine's own.
    ///
    /// # Errors
    /// When a folder does not exist.
    pub fn collect(folders: &[PathBuf], system: bool) -> Result<FontSources, Failure> {
        let mut database = fontdb::Database::new();
        for folder in folders {
            if !folder.is_dir() {
                return Err(Failure::new(format!("字体文件夹不存在：{}", folder.display()))
                    .fix("请检查 --font-path 后面的路径。"));
            }
            database.load_fonts_dir(folder);
        }
        if system {
            database.load_system_fonts();
        }
        Ok(FontSources { database: Arc::new(database), known: Mutex::default() })
    }

    /// Finds the faces that a style asks for.
    ///
    /// # Errors
    /// When for one of its lists no face with Chinese characters is there.
    pub fn load(&self, style: &Style) -> Result<Typefaces, Failure> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let lists = style.faces.iter().map(|list| self.list(list, &mut known)).collect::<Result<_, _>>()?;
        Ok(Typefaces { lists: Arc::new(lists) })
    }

    fn list(&self, list: &FaceList, known: &mut Vec<Arc<Face>>) -> Result<Vec<Arc<Face>>, Failure> {
        let faces: Vec<Arc<Face>> =
            list.families.iter().filter_map(|family| self.find(family, list.weight, known)).collect();
        if faces.iter().any(|face| face.info.coverage.contains(u32::from('表'))) {
            return Ok(faces);
        }
        Err(Failure::new(format!("没有找到中文字体（表式要求其中之一：{}）", list.families.join("、"))).fix(
            "Debian/Ubuntu 请运行 sudo apt install fonts-noto-cjk；其他系统请安装宋体或思源宋体（Noto Serif CJK SC），\
             或用 --font-path 指定字体文件夹。",
        ))
    }

    /// The upright face of a family that is nearest to the weight.
    fn find(&self, family: &str, weight: u16, known: &mut Vec<Arc<Face>>) -> Option<Arc<Face>> {
        let family = family.to_lowercase();
        let face = self
            .database
            .faces()
            .filter(|face| face.style == fontdb::Style::Normal)
            .filter(|face| face.families.iter().any(|(name, _)| name.to_lowercase() == family))
            .min_by_key(|face| (face.weight.0.abs_diff(weight), face.stretch.to_number().abs_diff(5)))?;
        if let Some(same) = known.iter().find(|same| same.id == face.id && same.weight == weight) {
            return Some(Arc::clone(same));
        }
        let (info, digest) = self.database.with_face_data(face.id, |data, index| {
            Some((FontInfo::new(data, index)?, sha256([&data[..data.len().min(DIRECTORY)]])))
        })??;
        let face = Arc::new(Face {
            database: Arc::clone(&self.database),
            id: face.id,
            index: face.index,
            weight,
            fingerprint: format!("{} {weight} {}:{}", info.family, face.index, &digest[..16]),
            info,
            loaded: OnceLock::new(),
        });
        known.push(Arc::clone(&face));
        Some(face)
    }
}

/// The part of a font file that holds its table directory, and in it a checksum of every table.
const DIRECTORY: usize = 4096;

impl Face {
    fn loaded(&self) -> Option<&(Font, FontInstance)> {
        let load = || {
            let data = self.database.with_face_data(self.id, |data, _| data.to_vec())?;
            let font = Font::new(Bytes::new(data), self.index)?;
            let variant =
                FontVariant { weight: FontWeight::from_number(self.weight), ..FontVariant::default() };
            let instance = font.clone().instantiate(variant, Abs::pt(10.5), &FontVariations::default());
            Some((font, instance))
        };
        self.loaded.get_or_init(load).as_ref()
    }

    /// The face as typst draws it.
    pub fn font(&self) -> Option<Font> {
        self.loaded().map(|(font, _)| font.clone())
    }

    /// What typst needs to choose it.
    pub fn info(&self) -> &FontInfo {
        &self.info
    }

    /// Width of a character in ems; `None` when the face has no glyph for it.
    pub fn advance(&self, character: char) -> Option<f64> {
        let (_, instance) = self.loaded()?;
        let glyph = instance.ttf().glyph_index(character)?;
        instance.x_advance(glyph.0).map(typst::layout::Em::get)
    }

    /// The family name under which typst knows the face.
    pub fn family(&self) -> String {
        self.info.family.to_lowercase()
    }

    /// Weight that was asked for.
    pub fn weight(&self) -> u16 {
        self.weight
    }
}

impl Typefaces {
    /// The faces of a list, by preference.
    pub fn list(&self, list: usize) -> &[Arc<Face>] {
        &self.lists[list]
    }

    /// Width of a character in ems in the first face that has it.
    pub fn advance(&self, list: usize, character: char) -> Option<f64> {
        self.lists[list].iter().find_map(|face| face.advance(character))
    }

    /// All faces, each once.
    pub fn faces(&self) -> Vec<Arc<Face>> {
        let mut faces: Vec<Arc<Face>> = Vec::new();
        for face in self.lists.iter().flatten() {
            if !faces.iter().any(|known| known.id == face.id) {
                faces.push(Arc::clone(face));
            }
        }
        faces
    }

    /// For each face its name, weight and a hash of its table directory: what decides the look of a page.
    pub fn fingerprints(&self) -> Vec<String> {
        self.faces().into_iter().map(|face| face.fingerprint.clone()).collect()
    }
}
