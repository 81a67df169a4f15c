//! `jixiao.toml`: options that a department sets once. The command line goes before it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jixiao::batch::DeskOptions;
use jixiao::check::{Level, Overrides};
use jixiao::diag::{Failure, Finding};
use jixiao::form::Folder;
use serde::Deserialize;

use super::args::Arguments;
use super::show;

const NAME: &str = "jixiao.toml";

/// The content of `jixiao.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Config {
    /// Folder with forms.
    pub(crate) templates: Option<PathBuf>,
    /// Options of `render`.
    pub(crate) render: RenderConfig,
    /// Options of `check`.
    pub(crate) check: CheckConfig,
    /// Options of `collect`.
    pub(crate) collect: CollectConfig,
}

/// Options of `check`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct CheckConfig {
    /// Severity by rule id: error, warning, hint or off.
    pub(crate) severity: BTreeMap<String, Level>,
    /// Parameters by rule id and name.
    pub(crate) params: BTreeMap<String, BTreeMap<String, serde_json::Value>>,
}

/// Options of `collect`; what it shares with `render` stands there.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct CollectConfig {
    /// Formats.
    pub(crate) format: Vec<String>,
    /// Pages of a volume past which it goes on in another file.
    pub(crate) volume_pages: Option<usize>,
    /// Projects past which a workbook no longer holds their tables.
    pub(crate) project_sheets: Option<usize>,
    /// Rows past which a list goes on in another sheet.
    pub(crate) sheet_rows: Option<u32>,
}

/// Options of `render`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RenderConfig {
    /// Output folder.
    pub(crate) output: Option<PathBuf>,
    /// Formats.
    pub(crate) format: Vec<String>,
    /// Projects at once.
    pub(crate) jobs: Option<usize>,
    /// Folders with fonts.
    pub(crate) font_path: Vec<PathBuf>,
    /// Whether to use no other fonts.
    pub(crate) ignore_system_fonts: bool,
    /// Whether PDFs carry their data inside.
    pub(crate) attach: bool,
}

/// Reads the named configuration file, or `jixiao.toml` when there is one.
pub(crate) fn load(named: Option<&Path>) -> Result<Config, Failure> {
    let path = named.unwrap_or(Path::new(NAME));
    if named.is_none() && !path.exists() {
        return Ok(Config::default());
    }
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::new(format!("无法读取配置文件 {}（{error}）", path.display())))?;
    toml::from_str(&text).map_err(|error| {
        let place = error.span().map_or_else(String::new, |span| {
            let before = &text[..span.start];
            let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
            format!(":{}:{column}", before.matches('\n').count() + 1)
        });
        Failure::new(format!("{}{place}：配置不符合要求（{}）", path.display(), error.message()))
            .fix("可用的设置见 README 的“配置文件”一节。")
    })
}

/// Forms and fonts as arguments and configuration name them.
pub(crate) fn desk_options(
    arguments: &Arguments,
    config: &Config,
    font_folders: Vec<PathBuf>,
    ignore_system_fonts: bool,
) -> Result<DeskOptions, Failure> {
    let forms = match arguments.templates.as_ref().or(config.templates.as_ref()) {
        Some(folder) => jixiao::load::form_folders(folder)?
            .into_iter()
            .map(|(id, origin, files)| Folder { id, origin, files })
            .collect(),
        None => Vec::new(),
    };
    let timestamp = match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(text) if !text.is_empty() => Some(text.parse().map_err(|_| {
            Failure::new(format!("环境变量 SOURCE_DATE_EPOCH 的值“{text}”不是整数秒"))
                .fix("请改成整数，或取消设置。")
        })?),
        _ => None,
    };
    let overrides =
        Overrides { severity: config.check.severity.clone(), params: config.check.params.clone() };
    Ok(DeskOptions { forms, font_folders, ignore_system_fonts, overrides, timestamp })
}

/// Shows findings about a form and gives the failure that ends the command.
pub(crate) fn broken_form(findings: &[Finding]) -> Failure {
    for finding in findings {
        show::finding(finding);
    }
    Failure::new("表式文件夹有错误")
}
