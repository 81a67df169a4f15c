//! Sheets that are small: blocks of cells one below the other, and a chart under them.

use rust_xlsxwriter::{Chart as Drawn, ChartDataLabel, ChartType, Worksheet, XlsxError};

use super::ledger::{print_setup, rows_of};
use super::value::{Column, Formats, ONE_LINE, Value, height};

/// A small table.
#[derive(Debug, Clone, Default)]
pub struct Block {
    /// The line above it.
    pub title: String,
    /// Its columns; widths are those of the widest block.
    pub columns: Vec<Column>,
    /// Its rows.
    pub rows: Vec<Vec<Value>>,
    /// Whether the last row is a total.
    pub totalled: bool,
}

/// A bar chart of a block's column.
#[derive(Debug, Clone)]
pub struct Chart {
    /// Its title.
    pub title: String,
    /// Number of the block.
    pub block: usize,
    /// Column of the names.
    pub names: u16,
    /// Column of the values.
    pub values: u16,
}

/// Pixels of a bar, and of what is above and below all bars.
const BAR: (u32, u32) = (18, 120);
/// Height of a block's title in pixels.
const TITLE: u32 = 30;
/// Width of the printed page in pixels, between the margins.
const PAGE: u32 = 1020;
/// Width of a chart in pixels.
const CHART_WIDTH: u32 = 760;
/// Most bars that are legible on a page.
pub const MOST_BARS: usize = 25;

/// Writes blocks and a chart.
pub(super) fn write(
    sheet: &mut Worksheet,
    name: &str,
    title: &str,
    blocks: &[Block],
    chart: Option<&Chart>,
) -> Result<(), XlsxError> {
    let formats = Formats::new();
    let columns = blocks.iter().map(|block| block.columns.len()).max().unwrap_or(0);
    let widths: Vec<u32> = (0..columns)
        .map(|col| {
            let widths = blocks.iter().filter_map(|block| Some(block.columns.get(col)?.width));
            widths.max().unwrap_or_default()
        })
        .collect();
    for (col, &width) in (0..).zip(&widths) {
        sheet.set_column_width_pixels(col, width)?;
    }
    sheet.set_default_row_height_pixels(ONE_LINE);
    let mut row = 0;
    let mut tops = Vec::new();
    for block in blocks {
        if !block.title.is_empty() {
            sheet.set_row_height_pixels(row, TITLE)?;
            sheet.write_string_with_format(row, 0, &block.title, &formats.title)?;
            row += 1;
        }
        for (col, column) in (0..).zip(&block.columns) {
            sheet.write_string_with_format(row, col, &column.title, &formats.header)?;
        }
        let titles = block.columns.iter().map(|column| column.title.as_str());
        sheet.set_row_height_pixels(row, height(titles.zip(widths.iter().copied())))?;
        tops.push(row + 1);
        for (number, values) in block.rows.iter().enumerate() {
            row += 1;
            sheet.set_row_height_pixels(
                row,
                height(values.iter().map(Value::text).zip(widths.iter().copied())),
            )?;
            let bold = block.totalled && number + 1 == block.rows.len();
            for ((col, column), value) in (0..).zip(&block.columns).zip(values) {
                formats.write(sheet, (row, col), value, column.look, bold)?;
            }
        }
        row += 2;
    }
    print_setup(sheet, title);
    sheet.set_screen_gridlines(false);
    // A sheet that is fitted to pages ignores page breaks, and one stands before the chart.
    let wide = widths.iter().sum::<u32>().max(1);
    sheet.set_print_scale(u16::try_from(PAGE * 100 / wide).unwrap_or(100).clamp(10, 100));
    if let Some(chart) = chart
        && let (Some(block), Some(&top)) = (blocks.get(chart.block), tops.get(chart.block))
    {
        let bars = rows_of(&block.rows) - u32::from(block.totalled && !block.rows.is_empty());
        if bars > 0 {
            insert(sheet, name, chart, (top, top + bars - 1), row)?;
        }
    }
    Ok(())
}

/// Puts the chart below everything else.
fn insert(
    sheet: &mut Worksheet,
    name: &str,
    chart: &Chart,
    (first, last): (u32, u32),
    row: u32,
) -> Result<(), XlsxError> {
    let mut drawn = Drawn::new(ChartType::Bar);
    drawn
        .add_series()
        .set_categories((name, first, chart.names, last, chart.names))
        .set_values((name, first, chart.values, last, chart.values))
        .set_data_label(ChartDataLabel::new().show_value().set_num_format("#,##0.##"))
        .set_gap(60);
    drawn.title().set_name(&chart.title);
    drawn.legend().set_hidden();
    // The first row is the topmost bar. Of a bar chart the categories stand on the vertical axis.
    drawn.y_axis().set_reverse();
    drawn.x_axis().set_num_format("#,##0");
    drawn.set_width(CHART_WIDTH).set_height(BAR.0 * (last - first + 1) + BAR.1);
    sheet.set_page_breaks(&[row])?;
    sheet.insert_chart(row, 0, &drawn)?;
    Ok(())
}
