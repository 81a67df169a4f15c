//! An official form as data: everything particular to one form comes from its folder under `templates/`, and no
//! name, label or group of any form stands in this program.

mod blank;
mod field;
mod folder;
mod length;
mod schema;
mod skeleton;
mod spec;

use std::sync::Arc;

pub use blank::blank;
pub use field::{Content, Field};
pub use folder::{Folder, Library};
pub use length::Length;
pub use schema::{Schema, Shape};
pub use skeleton::skeleton;
pub use spec::{Facts, IndicatorLevel, Indicators, Purpose, Spec};

use crate::diag::Finding;
use crate::grid::Style;
use crate::hash::sha256;

/// The reserved key that names a data file's form.
pub const FORM_KEY: &str = "表式";
/// The reserved key that holds the budget year.
pub const YEAR_KEY: &str = "年度";
/// The reserved key by which an indicator says how its targets compare.
pub const KIND_KEY: &str = "类型";
/// The reserved key for waivers.
pub const WAIVERS_KEY: &str = "豁免";
/// The reserved key for what an import could not place.
pub const UNPLACED_KEY: &str = "未识别";
/// Reserved keys that no table prints.
pub const UNPRINTED_KEYS: [&str; 2] = [WAIVERS_KEY, UNPLACED_KEY];
/// The file that holds a form's table template.
pub const TEMPLATE: &str = "table.yaml.j2";

/// A form, read and checked.
#[derive(Debug)]
pub struct Form {
    /// Its id, the folder's name.
    pub id: String,
    /// `form.yaml`.
    pub spec: Spec,
    /// `form.yaml` as the table template sees it.
    pub context: minijinja::Value,
    /// Looks, in points.
    pub style: Arc<Style>,
    /// `schema.json`.
    pub schema: Schema,
    /// `table.yaml.j2`, the template of rows and cells.
    pub table: String,
    /// `rules.yaml`, when the form has one.
    pub rules: Option<String>,
    /// SHA-256 over the form's files, by name and content.
    pub hash: String,
    /// Where the folder stands, for messages.
    pub origin: std::path::PathBuf,
}

impl Form {
    /// Reads a form from its folder's files.
    ///
    /// # Errors
    /// One finding for each file that is missing or does not fit the others.
    pub fn new(folder: &Folder) -> Result<Form, Vec<Finding>> {
        let spec_text = folder.text("form.yaml")?;
        let spec: Spec = serde_yaml::from_str(spec_text).map_err(|error| folder.yaml("form.yaml", &error))?;
        let context: serde_yaml::Value =
            serde_yaml::from_str(spec_text).map_err(|error| folder.yaml("form.yaml", &error))?;
        let style = spec
            .style()
            .map_err(|reason| vec![Finding::structure("FORM-STYLE", &folder.file("form.yaml"), reason)])?;
        let schema = Schema::new(folder.text("schema.json")?)
            .map_err(|reason| vec![Finding::structure("FORM-SCHEMA", &folder.file("schema.json"), reason)])?;
        let table = folder.text(TEMPLATE)?.to_owned();
        let rules = if folder.files.contains_key("rules.yaml") {
            Some(folder.text("rules.yaml")?.to_owned())
        } else {
            None
        };
        let form = Form {
            rules,
            id: folder.id.clone(),
            context: minijinja::Value::from(minijinja::value::Serde(context)),
            style: Arc::new(style),
            schema,
            table,
            hash: hash(folder),
            origin: folder.origin.clone(),
            spec,
        };
        let unknown = form.unknown_facts();
        if unknown.is_empty() {
            return Ok(form);
        }
        let file = folder.file("form.yaml");
        Err(unknown
            .into_iter()
            .map(|path| {
                Finding::structure(
                    "FORM-PATH",
                    &file,
                    format!("事实或指标框架指向的“{path}”不在 schema.json 里"),
                )
                .fix("请核对 form.yaml 的 facts、indicators 与 schema.json 的键名。")
            })
            .collect())
    }

    /// Data paths named by `form.yaml` that the schema does not know.
    fn unknown_facts(&self) -> Vec<String> {
        let mut paths = self.spec.facts.paths();
        let items =
            |path: &str, keys: &[&str]| keys.iter().map(|key| format!("{path}[].{key}")).collect::<Vec<_>>();
        if let Some(lines) = &self.spec.facts.expenditure {
            let keys = [Some(&lines.name), lines.half.as_ref(), Some(&lines.full)];
            paths.extend(items(
                &lines.path,
                &keys.into_iter().flatten().map(String::as_str).collect::<Vec<_>>(),
            ));
        }
        if let Some(spec) = &self.spec.indicators {
            let keys: Vec<&str> = std::iter::once(&spec.name)
                .chain(&spec.values)
                .chain(&spec.weight)
                .map(String::as_str)
                .collect();
            for path in spec.paths() {
                paths.extend(items(&path, &keys));
                paths.push(path);
            }
        }
        paths.retain(|path| self.schema.shape.find(path).is_none());
        paths
    }
}

/// The files that make a form; what else lies in its folder explains it.
const FILES: [&str; 4] = ["form.yaml", "rules.yaml", "schema.json", TEMPLATE];

/// Hash over the form's files, by name and content; each is preceded by its length.
fn hash(folder: &Folder) -> String {
    let pieces: Vec<Vec<u8>> = folder
        .files
        .iter()
        .filter(|(name, _)| FILES.contains(&name.as_str()))
        .flat_map(|(name, bytes)| [name.as_bytes(), bytes])
        .flat_map(|piece| [(piece.len() as u64).to_le_bytes().to_vec(), piece.to_vec()])
        .collect();
    sha256(pieces.iter().map(Vec::as_slice))
}
