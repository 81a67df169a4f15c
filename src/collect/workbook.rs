//! 汇总.xlsx: of a department's year, or of the whole tree. Lists are streamed while projects are read; the tables of
//! projects stand in the workbook itself or, where they would be too many, in workbooks of their own.

use super::columns::Columns;
use super::record::{Record, Table};
use super::rows;
use super::stats::{Lists, Stats};
use crate::diag::{Failure, Finding};
use crate::grid::Meta;
use crate::measure::measure;
use crate::render::xlsx::{Block, Book, Column, LedgerSpec, Look, Value, address, measuring_columns};
use crate::write::Draft;

/// Names of the sheets.
const SHEETS: [&str; 5] = ["目录", "项目汇总", "指标明细", "问题清单", "统计"];
/// What each sheet is for, in the contents.
const PURPOSES: [&str; 3] = ["每个项目一行，金额合计", "每个指标一行", "数据问题及处理情况"];
/// Most links in the contents: one for each sheet and each other workbook.
const MOST_LINKS: usize = 10_000;

/// Where the table of a project stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Another workbook, relative to the one that links.
    pub(super) file: Option<String>,
    /// The sheet.
    pub(super) sheet: String,
}

/// A workbook in the making.
pub(super) struct Workbook {
    book: Book,
    title: String,
    ledgers: [usize; 3],
    counts: [usize; 3],
    stats: Stats,
    /// Sheets and files that the contents list below the lists: a link's target, its text, and what is there.
    links: Vec<(String, String, String)>,
}

/// What a workbook is called and how large it may get.
pub(super) struct Shape<'a> {
    pub(super) title: String,
    pub(super) author: &'a str,
    pub(super) columns: &'a Columns,
    pub(super) most_rows: u32,
    pub(super) timestamp: i64,
}

impl Workbook {
    pub(super) fn new(shape: &Shape<'_>) -> Result<Workbook, Failure> {
        let mut book = Book::new(&meta(&shape.title, shape.author), shape.timestamp)
            .map_err(|reason| failed(&reason))?;
        // Taken first, so that no project's table gets them.
        let [_, projects, indicators, issues, _] = SHEETS;
        book.name(SHEETS[0]);
        book.name(SHEETS[4]);
        let spec = |name: &str, mut columns: Vec<Column>, frozen| {
            if name == projects {
                columns.push(Column::new("项目表", 64, Look::Center));
            }
            LedgerSpec {
                name: name.to_owned(),
                title: format!("{} {name}", shape.title),
                columns,
                totals: name == projects,
                choices: (name == issues).then(|| (rows::STATE, rows::STATES.map(str::to_owned).to_vec())),
                frozen,
                most_rows: shape.most_rows,
            }
        };
        let specs = [
            spec(projects, rows::project_columns(shape.columns), 4),
            spec(indicators, rows::indicator_columns(shape.columns), 4),
            spec(issues, rows::issue_columns(), 3),
        ];
        let mut ledgers = [0; 3];
        for (ledger, spec) in ledgers.iter_mut().zip(specs) {
            *ledger = book.ledger(spec).map_err(|reason| failed(&reason))?;
        }
        let title = shape.title.clone();
        Ok(Workbook { book, title, ledgers, counts: [0; 3], stats: Stats::default(), links: Vec::new() })
    }

    /// Adds a project's table as a sheet.
    pub(super) fn table(&mut self, record: &Record, table: &Table) -> Result<Place, Failure> {
        let sheet = draw(&mut self.book, &record.name, table)?;
        self.links.push((address(None, &sheet), sheet.clone(), record.department.clone()));
        Ok(Place { file: None, sheet })
    }

    /// Adds a line to the contents.
    pub(super) fn link(&mut self, file: String, what: String) {
        self.links.push((file.clone(), file, what));
    }

    /// Adds a project to the lists.
    pub(super) fn add(
        &mut self,
        record: &Record,
        columns: &Columns,
        place: Option<&Place>,
    ) -> Result<(), Failure> {
        for finding in &record.findings {
            self.issue(&record.department, &record.name, finding)?;
        }
        if record.table.is_some() {
            self.counts[0] += 1;
            let mut row = rows::project(record, self.counts[0]);
            row.push(place.map_or(Value::Empty, |place| {
                Value::Link(address(place.file.as_deref(), &place.sheet), "打开".to_owned())
            }));
            self.book.push(self.ledgers[0], &row).map_err(|reason| failed(&reason))?;
            for row in rows::indicators(record, columns, &mut self.counts[1]) {
                self.book.push(self.ledgers[1], &row).map_err(|reason| failed(&reason))?;
            }
        }
        self.stats.add(record, columns, &self.book.list(self.ledgers[0]));
        Ok(())
    }

    /// Adds a finding to the list of issues.
    pub(super) fn issue(
        &mut self,
        department: &str,
        project: &str,
        finding: &Finding,
    ) -> Result<(), Failure> {
        self.counts[2] += 1;
        let row = rows::issue(department, project, finding, self.counts[2]);
        self.book.push(self.ledgers[2], &row).map_err(|reason| failed(&reason))
    }

    /// Writes the workbook.
    pub(super) fn finish(self, columns: &Columns, draft: &mut Draft) -> Result<(), Failure> {
        let lists =
            Lists { projects: self.book.list(self.ledgers[0]), indicators: self.book.list(self.ledgers[1]) };
        let (statistics, chart) = self.stats.blocks(columns, &lists);
        let contents = self.contents();
        let [name, .., last] = SHEETS;
        let title = format!("{} {last}", self.title);
        let head = (name, self.title.as_str(), &contents[..]);
        let tail = (last, title.as_str(), &statistics[..], &chart);
        self.book.finish(Some(head), Some(tail), draft.file()).map_err(|reason| failed(&reason))
    }

    fn contents(&self) -> Vec<Block> {
        let line = |target: String, text: &str, what: String, count: Option<u64>| {
            let count = count.and_then(|count| usize::try_from(count).ok()).map_or(Value::Empty, rows::count);
            vec![Value::Link(target, text.to_owned()), Value::Text(what), count]
        };
        let mut lines = Vec::new();
        for (ledger, purpose) in self.ledgers.iter().zip(PURPOSES) {
            for (sheet, count) in self.book.list(*ledger).sheets {
                lines.push(line(address(None, &sheet), &sheet, purpose.to_owned(), Some(count.into())));
            }
        }
        let statistics = SHEETS[4];
        lines.push(line(
            address(None, statistics),
            statistics,
            "按部门和类型的数目、金额，定性指标占比，图".to_owned(),
            None,
        ));
        for (target, text, what) in self.links.iter().take(MOST_LINKS) {
            lines.push(line(target.clone(), text, what.clone(), None));
        }
        let columns = vec![
            Column::new("工作表", 300, Look::Text),
            Column::new("内容", 360, Look::Text),
            Column::new("行数", 80, Look::Number),
        ];
        vec![Block { title: self.title.clone(), columns, rows: lines, totalled: false }]
    }
}

/// Workbooks that hold nothing but the tables of projects, so many in each.
pub(super) struct Tables {
    stem: String,
    most: usize,
    meta: Meta,
    timestamp: i64,
    open: Option<(Book, usize)>,
    number: usize,
}

impl Tables {
    pub(super) fn new(stem: String, most: usize, author: &str, timestamp: i64) -> Tables {
        let meta = meta(&format!("{author} 项目表"), author);
        Tables { stem, most: most.max(1), meta, timestamp, open: None, number: 0 }
    }

    /// Whether the workbook in hand must be finished before another table is added.
    pub(super) fn is_full(&self) -> bool {
        self.open.as_ref().is_some_and(|(_, sheets)| *sheets >= self.most)
    }

    /// Adds a table.
    pub(super) fn table(&mut self, record: &Record, table: &Table) -> Result<Place, Failure> {
        let (mut book, sheets) = if let Some(open) = self.open.take() {
            open
        } else {
            self.number += 1;
            (Book::new(&self.meta, self.timestamp).map_err(|reason| failed(&reason))?, 0)
        };
        let sheet = draw(&mut book, &record.name, table)?;
        self.open = Some((book, sheets + 1));
        Ok(Place { file: Some(self.file()), sheet })
    }

    /// Name of the workbook in hand; none where nothing was added since the last was finished.
    pub(super) fn pending(&self) -> Option<String> {
        self.open.as_ref().map(|_| self.file())
    }

    /// Writes the workbook in hand.
    pub(super) fn finish(&mut self, draft: &mut Draft) -> Result<(), Failure> {
        let Some((book, _)) = self.open.take() else { return Ok(()) };
        book.finish(None, None, draft.file()).map_err(|reason| failed(&reason))
    }

    fn file(&self) -> String {
        format!("{}-项目表-{}.xlsx", self.stem, self.number)
    }
}

/// Draws a project's table as a sheet of a workbook.
fn draw(book: &mut Book, name: &str, table: &Table) -> Result<String, Failure> {
    let grid = &table.laid.grid;
    let measured = measure(grid, table.laid.press.faces(), &measuring_columns(&grid.style));
    book.table(name, grid, &measured).map_err(|reason| failed(&reason))
}

fn meta(title: &str, author: &str) -> Meta {
    Meta {
        title: title.to_owned(),
        subject: SHEETS[1].to_owned(),
        author: author.to_owned(),
        ..Meta::default()
    }
}

fn failed(reason: &str) -> Failure {
    Failure::new(format!("无法生成汇总工作簿（{reason}）")).fix("请检查临时文件夹和输出文件夹的可用空间。")
}
