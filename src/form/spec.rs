//! `form.yaml`: what a form fixes about paper, type, the indicator tree, and where its facts stand in the data.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::length::Length;
use crate::grid::{Align, FaceList, FooterKind, Paper, Style, TextStyle};

/// The content of `form.yaml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Spec {
    /// The form's printed name.
    pub name: String,
    /// Version of the form.
    pub version: String,
    /// One sentence for `jixiao forms`.
    #[serde(default)]
    pub description: String,
    /// What the form is for.
    #[serde(default)]
    pub purpose: Purpose,
    paper: PaperSpec,
    columns: Vec<Length>,
    fonts: BTreeMap<String, FontSpec>,
    text: Roles,
    inset: Length,
    rule: Length,
    pitch: f64,
    heading_gap: Length,
    #[serde(default)]
    footer: FooterKind,
    /// For each header row named in the template, whether it stands again on continuation pages.
    #[serde(default)]
    pub headers: BTreeMap<String, bool>,
    /// Name of the workbook's sheet.
    pub sheet: String,
    /// Suggested values by field.
    #[serde(default)]
    pub lists: BTreeMap<String, Vec<String>>,
    /// Longest values in bytes that the budget system takes, by field.
    #[serde(default)]
    pub limits: BTreeMap<String, usize>,
    /// The indicator tree.
    pub indicators: Option<Indicators>,
    /// Where the form's facts stand in the data.
    #[serde(default)]
    pub facts: Facts,
}

/// Who fills a form in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// People, in data files.
    #[default]
    Data,
    /// The program: the cover of a department's volume.
    VolumeCover,
    /// The program: the contents pages of a volume.
    VolumeContents,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct PaperSpec {
    size: PaperSize,
    #[serde(default)]
    orientation: Orientation,
    margin: Margin,
}

#[derive(Debug, Clone, Copy, Deserialize)]
enum PaperSize {
    A4,
    A3,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Orientation {
    #[default]
    Portrait,
    Landscape,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Margin {
    Even(Length),
    Sides { top: Length, right: Length, bottom: Length, left: Length },
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct FontSpec {
    families: Vec<String>,
    weight: u16,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Roles {
    headings: Vec<RoleSpec>,
    label: RoleSpec,
    value: RoleSpec,
    text: RoleSpec,
    amount: RoleSpec,
    /// Fields of the lines above and below the table; like values, but from the left, where it is not given.
    field: Option<RoleSpec>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleSpec {
    font: String,
    size: Length,
    align: Align,
    #[serde(default)]
    indent: f64,
}

/// The levels of indicators that a form prints, and the fields of one indicator.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicators {
    /// Data path of the tree.
    pub path: String,
    /// Key of an indicator's name.
    pub name: String,
    /// Keys of its values, in the order of the columns.
    pub values: Vec<String>,
    /// Key of an indicator's weight, in forms that score.
    #[serde(default)]
    pub weight: Option<String>,
    /// First-level groups in the form's order.
    pub tree: Vec<IndicatorLevel>,
}

/// A group of indicators.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndicatorLevel {
    /// The group's label and key.
    pub name: String,
    /// Groups inside it.
    #[serde(default)]
    pub children: Vec<IndicatorLevel>,
    /// Indicators that every table of the form has.
    #[serde(default)]
    pub fixed: Vec<String>,
}

impl Indicators {
    /// Data paths of the groups that hold indicators.
    pub fn paths(&self) -> Vec<String> {
        fn walk(prefix: &str, levels: &[IndicatorLevel], out: &mut Vec<String>) {
            for level in levels {
                let path = format!("{prefix}.{}", level.name);
                if level.children.is_empty() { out.push(path) } else { walk(&path, &level.children, out) }
            }
        }
        let mut out = Vec::new();
        walk(&self.path, &self.tree, &mut out);
        out
    }

    /// The fixed indicators of the group at a data path.
    pub fn fixed(&self, path: &str) -> &[String] {
        let Some(rest) = path.strip_prefix(&self.path) else { return &[] };
        let mut levels = &self.tree;
        let mut fixed: &[String] = &[];
        for name in rest.split('.').skip(1) {
            match levels.iter().find(|level| level.name == name) {
                Some(level) => (levels, fixed) = (&level.children, &level.fixed),
                None => return &[],
            }
        }
        fixed
    }
}

/// Data paths of what summaries, metadata and masking need to know. A form may lack any of them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Facts {
    /// The project's name.
    pub name: Option<String>,
    /// The department that answers for it.
    pub department: Option<String>,
    /// The unit that carries it out.
    pub unit: Option<String>,
    /// The project's type.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// First year.
    pub begin: Option<String>,
    /// Last year.
    pub end: Option<String>,
    /// Total of the year's money.
    pub total: Option<String>,
    /// The parts of that total.
    pub sources: Vec<String>,
    /// Expenditure lines.
    pub expenditure: Option<Expenditure>,
    /// The person who answers for the project.
    pub person: Option<String>,
    /// That person's telephone number.
    pub phone: Option<String>,
    /// Unit of all amounts.
    pub money: Option<String>,
}

/// Where expenditure lines stand and what their fields are called.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expenditure {
    /// Data path of the list.
    pub path: String,
    /// Key of a line's name.
    pub name: String,
    /// Key of its half-year amount.
    #[serde(default)]
    pub half: Option<String>,
    /// Key of its full-year amount.
    pub full: String,
}

impl Facts {
    /// Every data path that the facts name.
    pub fn paths(&self) -> Vec<String> {
        let single = [
            &self.name,
            &self.department,
            &self.unit,
            &self.kind,
            &self.begin,
            &self.end,
            &self.total,
            &self.person,
            &self.phone,
        ];
        let mut paths: Vec<String> = single.into_iter().flatten().cloned().collect();
        paths.extend(self.sources.iter().cloned());
        if let Some(lines) = &self.expenditure {
            paths.push(lines.path.clone());
        }
        paths
    }
}

/// Points in a millimetre.
const POINTS: f64 = 72.0 / 25.4;

impl Spec {
    /// The form's looks, in points.
    ///
    /// # Errors
    /// What does not fit, in Chinese.
    pub(super) fn style(&self) -> Result<Style, String> {
        let landscape = self.paper.orientation == Orientation::Landscape;
        let (short, long) = match self.paper.size {
            PaperSize::A4 => (210.0, 297.0),
            PaperSize::A3 => (297.0, 420.0),
        };
        let (width, height) = if landscape { (long, short) } else { (short, long) };
        let margin = match &self.paper.margin {
            Margin::Even(Length(points)) => [*points; 4],
            Margin::Sides { top, right, bottom, left } => [top.0, right.0, bottom.0, left.0],
        };
        let paper = Paper { width: width * POINTS, height: height * POINTS, margin, landscape };
        let columns: Vec<f64> = self.columns.iter().map(|length| length.0).collect();
        let (sum, inner) = (columns.iter().sum::<f64>(), paper.inner_width());
        if columns.is_empty() || (sum - inner).abs() > 0.5 {
            return Err(format!(
                "列宽合计 {:.2}cm，与版心宽 {:.2}cm 不等",
                sum / 72.0 * 2.54,
                inner / 72.0 * 2.54
            ));
        }
        if self.text.headings.is_empty() {
            return Err("text.headings 至少要有一项".to_owned());
        }
        let faces: Vec<(&String, FaceList)> = self
            .fonts
            .iter()
            .map(|(name, font)| (name, FaceList { families: font.families.clone(), weight: font.weight }))
            .collect();
        let role = |spec: &RoleSpec| -> Result<TextStyle, String> {
            let face = faces
                .iter()
                .position(|(name, _)| **name == spec.font)
                .ok_or_else(|| format!("fonts 里没有“{}”", spec.font))?;
            Ok(TextStyle { face, size: spec.size.0, align: spec.align, indent: spec.indent })
        };
        let value = role(&self.text.value)?;
        let field = match &self.text.field {
            Some(field) => role(field)?,
            None => TextStyle { align: Align::Left, indent: 0.0, ..value.clone() },
        };
        Ok(Style {
            paper,
            columns,
            field,
            headings: self.text.headings.iter().map(role).collect::<Result<_, _>>()?,
            label: role(&self.text.label)?,
            value,
            text: role(&self.text.text)?,
            amount: role(&self.text.amount)?,
            inset: self.inset.0,
            rule: self.rule.0,
            pitch: self.pitch,
            heading_gap: self.heading_gap.0,
            footer: self.footer,
            faces: faces.iter().map(|(_, face)| face.clone()).collect(),
        })
    }
}
