//! A workbook in which a person fills a form in: the printed table with every value empty, its cells for values open
//! and tinted, all others locked; a sheet that says how; and the map by which the values are found again.

mod entry;
mod guide;
mod inputs;

use std::collections::BTreeMap;
use std::rc::Rc;

use rust_xlsxwriter::utility::{cell_range, row_col_to_cell};
use rust_xlsxwriter::{
    Color, ConditionalFormatFormula, Format, FormatAlign, Formula, ProtectionOptions, Workbook, Worksheet,
    XlsxError,
};

use super::format::Formats;
use super::formula::Addresses;
use super::map::{self, Map, Section};
use super::rows::Rows;
use super::sheet::{self, Spot};
use super::value::quoted;
use super::{measuring_columns, name_table, names, new_book, page, sheet_name};
use crate::diag::{DataPath, Step};
use crate::form::Form;
use crate::grid::{Cell, Grid, Meta, Role};
use crate::load::fonts::Typefaces;
use crate::measure::{Line, Measured, measure};
use inputs::{Fields, Input, Kind, Place, Plan, is_number, least_rows, places, plans};

/// Ground of a cell that may be filled in, and of one that must be and is empty.
const TINTS: (u32, u32) = (0x00FF_F9E3, 0x00FF_DFC4);
/// Lines for which there is room in the cell of a long text.
const ROOM: usize = 6;
/// Name of the sheet that says how to fill the form in.
const GUIDE: &str = "填报说明";
/// Name of the sheet that holds choices.
const CHOICES: &str = "_choices";

/// Draws a form as a workbook to be filled in. `grid` is laid out by [`crate::layout::Layouter::blank`], with the values
/// that stand already there; `timestamp` is in seconds since 1970 UTC, and the same input gives the same bytes.
///
/// # Errors
/// When the table has more rows or columns than Excel, or a line above it more values than columns.
pub fn fill(form: &Form, grid: &Grid, faces: &Typefaces, timestamp: i64) -> Result<Vec<u8>, String> {
    let mut fields = Fields::new(form);
    let measured = measure(grid, faces, &measuring_columns(&grid.style));
    let printed = sheet::spots(grid, &Rows::new(grid, &measured));
    let plans = plans(grid, &printed, &mut fields)?;
    let least = least_rows(grid, &printed, &plans);
    let measured = with_room(grid, &printed, &plans, measured);
    let rows = Rows::in_parts(grid, &measured, |row| least[row]);
    let places = places(sheet::spots(grid, &rows), plans, &mut fields);
    assemble(form, grid, &measured, &rows, places, timestamp).map_err(|error| error.to_string())
}

/// Room for what will be written into empty cells.
fn with_room(grid: &Grid, spots: &[Spot<'_>], plans: &[Plan], mut measured: Measured) -> Measured {
    let cells = spots.iter().zip(plans).filter_map(|(spot, plan)| Some((spot.cell(grid)?, plan)));
    for ((cell, plan), lines) in cells.zip(&mut measured.cells) {
        let needed = match plan {
            Plan::Form => 0,
            // Half a line between two values, so that each stands in a cell like any other.
            Plan::Stacked(values) => (values.len() * 3).div_ceil(2),
            // A list has many rows, which a person can make higher.
            _ if cell.role == Role::Text && !is_in_list(cell) => ROOM,
            _ => 1,
        };
        while lines.len() < needed {
            lines.push(Line { text: String::new(), first: true });
        }
    }
    measured
}

fn is_in_list(cell: &Cell) -> bool {
    let paths = cell.parts.iter().filter_map(|part| part.path.as_ref());
    paths.flat_map(DataPath::steps).any(|step| matches!(step, Step::Index(_)))
}

fn assemble(
    form: &Form,
    grid: &Grid,
    measured: &Measured,
    rows: &Rows,
    places: Vec<Place<'_>>,
    timestamp: i64,
) -> Result<Vec<u8>, XlsxError> {
    let title = format!("{} {GUIDE}", form.spec.name);
    let mut book = new_book(&Meta { title: form.spec.name.clone(), ..grid.meta.clone() }, timestamp)?;
    let name = sheet_name(grid);
    let guide = names::sheet_name(GUIDE, &[&name, map::SHEET]);
    let lists = Lists::new(&places, names::sheet_name(CHOICES, &[&name, &guide]));

    let table = book.add_worksheet();
    table.set_name(&name)?;
    draw(table, grid, rows, &places, &lists)?;
    page::set_up(table, grid, measured, rows)?;
    // The tints are for the screen.
    table.set_print_black_and_white(true);
    table.protect_with_options(&protection());

    let explained = book.add_worksheet();
    explained.set_name(&guide)?;
    guide::write(explained, &guide, &title, form, &name, &places)?;
    explained.protect_with_options(&protection());

    lists.write(&mut book)?;
    let hidden = book.add_worksheet();
    hidden.set_name(map::SHEET)?.set_very_hidden(true);
    let echoes = places.iter().filter(|place| matches!(place.kind, Kind::Echo(..)));
    let echoes: Vec<(u32, u16)> =
        echoes.map(|place| (place.spot.rows.start, place.spot.cols.start)).collect();
    let spots: Vec<Spot<'_>> = places.into_iter().map(|place| place.spot).collect();
    let mut map = Map::begin(hidden)?;
    map.add(hidden, Section { sheet: &name, grid, fill: true }, &spots)?;
    map.computed(hidden, &echoes)?;

    name_table(&mut book, &name, rows, &grid.style)?;
    book.save_to_buffer()
}

/// Locked without a password, so that nobody changes the form by mistake; rows may be made higher for long texts.
fn protection() -> ProtectionOptions {
    ProtectionOptions { format_rows: true, format_columns: true, ..ProtectionOptions::new() }
}

fn draw(
    sheet: &mut Worksheet,
    grid: &Grid,
    rows: &Rows,
    places: &[Place<'_>],
    lists: &Lists,
) -> Result<(), XlsxError> {
    sheet::frame(sheet, grid, rows)?;
    let mut formats = Formats::new(grid);
    let addresses = Addresses::new(grid, places.iter().map(|place| &place.spot));
    for place in places {
        let spot = &place.spot;
        match &place.kind {
            Kind::Input(input) => {
                sheet::write(sheet, grid, &addresses, spot, &open(&mut formats, grid, spot, input))?;
            }
            Kind::Form(marked) => {
                let format = sheet::look(&mut formats, grid, spot).clone().set_locked();
                let format = if *marked { format.set_num_format("\"*\"@") } else { format };
                sheet::write(sheet, grid, &addresses, spot, &format)?;
            }
            Kind::Beside => {
                let format = sheet::look(&mut formats, grid, spot).clone().set_locked();
                sheet::write(sheet, grid, &addresses, spot, &format.set_align(FormatAlign::Right))?;
            }
            Kind::Echo(row, col) => {
                let format = sheet::look(&mut formats, grid, spot).clone().set_locked();
                sheet::write(sheet, grid, &addresses, spot, &format)?;
                let source = row_col_to_cell(*row, *col);
                let formula = Formula::new(format!("=IF({source}=\"\",\"\",{source})")).set_result("");
                sheet.write_formula_with_format(spot.rows.start, spot.cols.start, formula, &format)?;
            }
        }
    }
    validate(sheet, places, lists)?;
    demand(sheet, places)?;
    let first = places.iter().find(|place| matches!(place.kind, Kind::Input(_)));
    if let Some(Place { spot, .. }) = first {
        let (row, col) = (spot.rows.start, spot.cols.start);
        sheet.set_selection(row, col, spot.rows.end - 1, spot.cols.end - 1)?;
    }
    Ok(())
}

/// The look of a cell that is filled in.
fn open(formats: &mut Formats, grid: &Grid, spot: &Spot, input: &Input) -> Format {
    let amount = spot.cell(grid).filter(|cell| cell.role == Role::Amount && is_number(input.field.content));
    let format = match amount {
        Some(cell) => formats.number(&grid.style, (cell.role, cell.look), None, true),
        None => sheet::look(formats, grid, spot),
    };
    let format = format.clone().set_unlocked().set_background_color(Color::RGB(TINTS.0));
    match entry::number_format(input) {
        // A number of a built-in format would go before the code.
        Some(code) => format.set_num_format_index(0).set_num_format(code),
        // What is typed above the table stays as it is typed, like all short values in it.
        None if spot.role().is_none() => format.set_num_format("@"),
        None => format,
    }
}

/// Says beside each cell what is asked for; cells of which the same is asked share it.
fn validate(sheet: &mut Worksheet, places: &[Place<'_>], lists: &Lists) -> Result<(), XlsxError> {
    let mut shared: Vec<(&Input, &Spot<'_>, Vec<String>)> = Vec::new();
    for place in places {
        let Kind::Input(input) = &place.kind else { continue };
        let cell = row_col_to_cell(place.spot.rows.start, place.spot.cols.start);
        let alike = |other: &Input| Rc::ptr_eq(&other.field, &input.field) && other.around == input.around;
        let found = shared.iter_mut().find(|(other, ..)| alike(other) && !entry::is_single(&input.field));
        match found {
            Some((.., cells)) => cells.push(cell),
            None => shared.push((input, &place.spot, vec![cell])),
        }
    }
    for (input, spot, cells) in shared {
        let validation = entry::validation(input, &cells[0], lists.range(&input.field.choices))?;
        let (row, col) = (spot.rows.start, spot.cols.start);
        sheet.add_data_validation(row, col, row, col, &validation.set_multi_range(cells.join(" ")))?;
    }
    Ok(())
}

/// Tints the cells that must be filled in as long as they are empty. One of a list item that need not be there must be
/// as soon as anything of the item is.
fn demand(sheet: &mut Worksheet, places: &[Place<'_>]) -> Result<(), XlsxError> {
    let address = |spot: &Spot<'_>| row_col_to_cell(spot.rows.start, spot.cols.start);
    let mut items: BTreeMap<DataPath, Vec<String>> = BTreeMap::new();
    for place in places {
        if let Kind::Input(input) = &place.kind
            && let Some(item) = input.item()
        {
            items.entry(item).or_default().push(address(&place.spot));
        }
    }
    for place in places {
        let Kind::Input(input) = &place.kind else { continue };
        if !input.field.required {
            continue;
        }
        let cell = address(&place.spot);
        let begun = input.item().filter(|_| !input.always).and_then(|item| items.get(&item));
        let others = begun.into_iter().flatten().filter(|other| **other != cell);
        let others: Vec<String> = others.map(|other| format!("LEN({})", absolute(other))).collect();
        let empty = format!("LEN({})=0", absolute(&cell));
        let rule = match others[..] {
            [] if !input.always => continue,
            [] => format!("={empty}"),
            _ => format!("=AND({empty},{}>0)", others.join("+")),
        };
        let format = Format::new().set_background_color(Color::RGB(TINTS.1));
        let missing = ConditionalFormatFormula::new().set_rule(rule.as_str()).set_format(format);
        let (rows, cols) = (&place.spot.rows, &place.spot.cols);
        sheet.add_conditional_format(rows.start, cols.start, rows.end - 1, cols.end - 1, &missing)?;
    }
    Ok(())
}

/// `C12` as `$C$12`.
fn absolute(cell: &str) -> String {
    let digits = cell.find(|c: char| c.is_ascii_digit()).unwrap_or(cell.len());
    format!("${}${}", &cell[..digits], &cell[digits..])
}

/// Choices that are too long to stand in a validation: each list in a column of a sheet of their own.
struct Lists {
    sheet: String,
    lists: Vec<(Vec<String>, String)>,
}

impl Lists {
    fn new(places: &[Place<'_>], sheet: String) -> Lists {
        let mut lists: Vec<(Vec<String>, String)> = Vec::new();
        for place in places {
            let Kind::Input(input) = &place.kind else { continue };
            let choices = &input.field.choices;
            if choices.is_empty()
                || entry::fits_inline(choices)
                || lists.iter().any(|(known, _)| known == choices)
            {
                continue;
            }
            let (col, last) = (lists.len(), super::rows::count(choices) - 1);
            let col = u16::try_from(col).unwrap_or(u16::MAX);
            let range = cell_range(0, col, last, col);
            let range: Vec<String> = range.split(':').map(absolute).collect();
            lists.push((choices.clone(), format!("{}!{}", quoted(&sheet), range.join(":"))));
        }
        Lists { sheet, lists }
    }

    /// Where choices stand, if in cells.
    fn range(&self, choices: &[String]) -> Option<&str> {
        self.lists.iter().find(|(known, _)| known == choices).map(|(_, range)| range.as_str())
    }

    fn write(&self, book: &mut Workbook) -> Result<(), XlsxError> {
        if self.lists.is_empty() {
            return Ok(());
        }
        let sheet = book.add_worksheet();
        sheet.set_name(&self.sheet)?.set_very_hidden(true);
        for (col, (choices, _)) in (0..).zip(&self.lists) {
            for (row, choice) in (0..).zip(choices) {
                sheet.write_string(row, col, choice)?;
            }
        }
        Ok(())
    }
}
