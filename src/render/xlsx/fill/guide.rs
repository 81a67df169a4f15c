//! The sheet that says how to fill the form in, written from what the form says of itself.

use rust_xlsxwriter::utility::row_col_to_cell;
use rust_xlsxwriter::{Worksheet, XlsxError};

use super::entry::limit;
use super::inputs::{Input, Kind, Place, is_number};
use crate::diag::{DataPath, Step};
use crate::form::{Content, Form};
use crate::render::xlsx::summary::{self, Block};
use crate::render::xlsx::value::{Column, Look, Value, quoted};

/// Columns of the list of values: title and width in pixels. The lines above it use the first two.
const COLUMNS: [(&str, u32, Look); 6] = [
    ("栏目", 240, Look::Text),
    ("怎么填", 470, Look::Text),
    ("必填", 72, Look::Center),
    ("位置", 110, Look::Center),
    ("可选内容", 240, Look::Text),
    ("长度", 130, Look::Text),
];

/// Values that the form describes together.
struct Topic<'a> {
    paths: Vec<&'a DataPath>,
    first: &'a Input,
    cells: Vec<String>,
}

/// Writes the sheet. `table` is the name of the sheet that is filled in.
pub(super) fn write(
    sheet: &mut Worksheet,
    name: &str,
    title: &str,
    form: &Form,
    table: &str,
    places: &[Place<'_>],
) -> Result<(), XlsxError> {
    let topics = topics(places);
    let columns = |count: usize| {
        COLUMNS
            .iter()
            .take(count)
            .map(|&(title, width, look)| Column::new(title, width, look))
            .collect::<Vec<_>>()
    };
    let steps: Vec<Column> = columns(2)
        .into_iter()
        .zip(["事项", "说明"])
        .map(|(column, title)| Column::new(title, column.width, column.look))
        .collect();
    let rows = advice(form, table, &topics)
        .into_iter()
        .map(|(what, how)| vec![Value::Text(what.to_owned()), Value::Text(how)])
        .collect();
    let blocks = [
        Block { title: title.to_owned(), columns: steps, rows, totalled: false },
        Block {
            title: "各栏目的要求".to_owned(),
            columns: columns(COLUMNS.len()),
            rows: topics.iter().map(|topic| topic.row(table)).collect(),
            totalled: false,
        },
    ];
    summary::write(sheet, name, title, &blocks, None)
}

/// What holds for the whole form.
fn advice(form: &Form, table: &str, topics: &[Topic<'_>]) -> Vec<(&'static str, String)> {
    let has = |wanted: &dyn Fn(&Input) -> bool| topics.iter().any(|topic| wanted(topic.first));
    let mut lines = vec![(
        "填在哪里",
        format!("只填“{table}”里浅黄色的单元格，点到时会有提示；其余单元格已锁定（没有密码），不要改动。"),
    )];
    if has(&|input| input.field.required) {
        lines.push((
            "必填",
            "橙色的单元格必填，填好后变成浅黄色；栏目名称前的 * 也表示必填。列表的一行填了任何一格，这一行的必填格才变成橙色。"
                .to_owned(),
        ));
    }
    if has(&|input| input.item().is_some()) {
        lines.push((
            "列表",
            format!(
                "一行一项。用不着的行空着，导入时自动略去；行不够时用 jixiao new {} --xlsx --spare 行数 -o 文件 重新生成。",
                form.id
            ),
        ));
    }
    if has(&|input| matches!(input.field.content, Content::Decimal { .. })) {
        let unit = form.spec.facts.money.as_ref().map_or_else(String::new, |unit| format!("，单位{unit}"));
        lines.push(("数字", format!("只写数字{unit}，不写单位和千分位。")));
    }
    if has(&|input| !input.field.choices.is_empty()) {
        lines.push(("选择", "有下拉箭头的单元格从列表中选择。".to_owned()));
    }
    lines.push(("长文", "直接写在单元格里，分段按 Alt+Enter；写不下时把行拉高，文字不会丢失。".to_owned()));
    lines.push((
        "打印",
        "本表用来填数据，打印时空着的行也会印出来。正式的表导入后由 jixiao render 排版，不用本表报送。"
            .to_owned(),
    ));
    lines
        .push(("填好以后", "保存后用 jixiao import 读回数据。不要增删行列，不要改工作表的名称。".to_owned()));
    lines
}

fn topics<'a>(places: &'a [Place<'_>]) -> Vec<Topic<'a>> {
    let mut topics: Vec<Topic<'a>> = Vec::new();
    for place in places {
        let Kind::Input(input) = &place.kind else { continue };
        let cell = row_col_to_cell(place.spot.rows.start, place.spot.cols.start);
        let alike = |topic: &&mut Topic<'_>| {
            let (known, own) = (&topic.first.field, &input.field);
            (known.origin == own.origin && known.name == own.name) && !own.origin.is_empty()
        };
        match topics.iter_mut().find(alike) {
            Some(topic) => {
                topic.paths.push(&input.path);
                topic.cells.push(cell);
            }
            None => topics.push(Topic { paths: vec![&input.path], first: input, cells: vec![cell] }),
        }
    }
    topics
}

impl Topic<'_> {
    fn row(&self, table: &str) -> Vec<Value> {
        let field = &*self.first.field;
        let text = |text: Option<String>| text.map_or(Value::Empty, Value::Text);
        let how: Vec<&str> =
            [&field.description, &field.reason].into_iter().flatten().map(String::as_str).collect();
        let how = if how.is_empty() && is_number(field.content) { vec!["数字"] } else { how };
        let required = match (field.required, self.first.item()) {
            (false, _) => "",
            (true, None) => "必填",
            (true, Some(_)) => "有此项时",
        };
        let place = &self.cells[0];
        let shown = match self.cells.len() {
            1 => place.clone(),
            more => format!("{place} 等 {more} 格"),
        };
        let choices = (!field.choices.is_empty()).then(|| field.choices.join("、"));
        vec![
            Value::Text(self.name()),
            text((!how.is_empty()).then(|| how.join("；"))),
            Value::Text(required.to_owned()),
            Value::Link(format!("#{}!{place}", quoted(table)), shown),
            text(choices),
            text(limit(field)),
        ]
    }

    /// What all its paths have in common, without positions, and the field's own name.
    fn name(&self) -> String {
        let keys = |path: &DataPath| -> Vec<String> {
            let keys = path.steps().into_iter().filter_map(|step| match step {
                Step::Key(key) => Some(key.to_string()),
                Step::Index(_) => None,
            });
            keys.collect()
        };
        let mut common = keys(self.paths[0]);
        common.pop();
        for path in &self.paths[1..] {
            let same = common.iter().zip(keys(path)).take_while(|(own, other)| **own == *other).count();
            common.truncate(same);
        }
        common.push(self.first.field.name.clone());
        common.join(" - ")
    }
}
