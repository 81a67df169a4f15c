"""Judge: the first sheet of a workbook, read back cell by cell, is the expected table, and is ready to print.

Amounts must be numbers that show the expected text, all else text. Sheet rows that one set of merged
cells covers in every column (a text too tall for one row) count as one row.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from typing import Any

import openpyxl
from openpyxl.utils import range_boundaries

from common import Expected, Report, display, load_expected, run

A4 = 9
TALLEST = 409.5  # points; Excel's limit for one row


@dataclass
class SheetRow:
    """One row of the table; `first` and `last` are its sheet rows, `cells` the anchors that cover its places."""

    first: int
    last: int
    cells: list[Any]


def read_rows(sheet: Any, columns: int) -> list[SheetRow]:
    """The sheet's rows with merged cells expanded and tall blocks made one."""
    anchors = {}
    for merged in sheet.merged_cells.ranges:
        anchor = sheet.cell(merged.min_row, merged.min_col)
        for row in range(merged.min_row, merged.max_row + 1):
            for column in range(merged.min_col, merged.max_col + 1):
                anchors[row, column] = anchor
    rows: list[SheetRow] = []
    for number in range(1, sheet.max_row + 1):
        cells = [anchors.get((number, c), sheet.cell(number, c)) for c in range(1, columns + 1)]
        if rows and all(a is b for a, b in zip(rows[-1].cells, cells, strict=True)):
            rows[-1].last = number
        else:
            rows.append(SheetRow(number, number, cells))
    return rows


def split_title(rows: list[SheetRow], expected: Expected, report: Report) -> list[SheetRow]:
    """Take the title off the rows and compare it; returns the rows of the table."""
    first = next((n for n, row in enumerate(rows) if row.cells[0].value == expected.rows[0][0]), None)
    if first is None:
        report.add("the table does not begin", expected=expected.rows[0][0])
        return []
    found = []
    for row in rows[:first]:
        values = [cell.value for cell in row.cells if cell.value is not None]
        if not values:
            continue
        found.append(values[0])
        if any(cell is not row.cells[0] for cell in row.cells):
            report.add("title is not merged over the table", found=values[0])
        if row.cells[0].alignment.horizontal not in ("center", "centerContinuous"):
            report.add("title is not centred", found=values[0])
    report.expect("title", expected.title, found)
    return rows[first:]


def compare_cells(rows: list[SheetRow], expected: Expected, report: Report) -> None:
    for r, (row, texts) in enumerate(zip(rows, expected.rows, strict=False)):
        for c, (cell, text) in enumerate(zip(row.cells, texts, strict=False)):
            if expected.is_amount(r, c):
                compare_amount(r, c, cell, text, report)
            elif (cell.value if cell.value is not None else "") != text:
                report.cell(r, c, text, cell.value)
            elif text and cell.data_type != "s":
                report.cell(r, c, text, cell.data_type, "not a text cell")


def compare_amount(row: int, column: int, cell: Any, text: str, report: Report) -> None:
    if cell.data_type != "n" or not isinstance(cell.value, int | float):
        report.cell(row, column, text, cell.value, "amount is not a number")
        return
    try:
        shown = display(cell.value, cell.number_format)
    except ValueError as error:
        report.cell(row, column, text, str(error), "amount")
        return
    if shown != text:
        report.cell(row, column, text, f"{shown} ({cell.number_format})", "amount")


def compare_merges(rows: list[SheetRow], expected: Expected, report: Report) -> None:
    if expected.merges is None or len(rows) != len(expected.rows):
        return
    anchors = expected.anchors()
    owner: dict[str, tuple[int, int]] = {}
    drawn: dict[tuple[int, int], str] = {}
    for r, row in enumerate(rows):
        for c, cell in enumerate(row.cells):
            anchor = anchors[r, c]
            if owner.setdefault(cell.coordinate, anchor) != anchor:
                report.cell(r, c, expected.rows[r][c], cell.coordinate, "merged with another cell")
            if drawn.setdefault(anchor, cell.coordinate) != cell.coordinate:
                report.cell(r, c, expected.rows[r][c], cell.coordinate, "apart from its merged cell")


def compare_surroundings(sheet: Any, rows: list[SheetRow], expected: Expected, report: Report) -> None:
    """Nothing stands beside or below the table, and no row is taller than Excel can show."""
    for line in sheet.iter_rows():
        for cell in line:
            outside = cell.column > expected.columns or (rows and cell.row > rows[-1].last)
            if outside and cell.value is not None:
                report.add("cell outside the table", at=cell.coordinate, found=cell.value)
            if cell.data_type == "f":
                report.add("formula", at=cell.coordinate, found=cell.value)
            if isinstance(cell.value, str) and len(cell.value) > 32767:
                report.add("text longer than a cell can hold", at=cell.coordinate, found=len(cell.value))
    for number, dimension in sheet.row_dimensions.items():
        if dimension.height is not None and dimension.height > TALLEST:
            report.add("row taller than Excel allows", row=number, found=dimension.height)


def compare_print_setup(sheet: Any, last_row: int, expected: Expected, report: Report) -> None:
    setup = sheet.page_setup
    report.expect("paper is A4", A4, int(setup.paperSize or 0))
    if setup.orientation not in (None, "default", "portrait"):
        report.add("paper is not portrait", found=setup.orientation)
    fit = sheet.sheet_properties.pageSetUpPr
    report.expect("fits to pages", True, bool(fit and fit.fitToPage))
    report.expect("fits to one page wide", 1, 1 if setup.fitToWidth is None else int(setup.fitToWidth))
    report.expect("any number of pages tall", 0, 1 if setup.fitToHeight is None else int(setup.fitToHeight))
    report.expect("centred on the page", True, bool(sheet.print_options.horizontalCentered))
    # This form repeats no header row.
    report.expect("print titles", None, sheet.print_title_rows or sheet.print_title_cols or None)
    if sheet.print_area:
        area = re.sub(r"^.*!", "", str(sheet.print_area))
        try:
            left, top, right, bottom = range_boundaries(area)
        except ValueError:
            left = top = right = bottom = 0
        if (left, top, right, bottom) != (1, 1, expected.columns, last_row):
            report.add("print area is not the table with its title", found=str(sheet.print_area))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("xlsx")
    parser.add_argument("expected")
    args = parser.parse_args()
    expected = load_expected(args.expected)
    report = Report()
    book = openpyxl.load_workbook(args.xlsx)
    sheet = book.worksheets[0]
    report.facts = {"project": expected.project, "sheet": sheet.title, "state": sheet.sheet_state}
    report.facts["sheets"] = [{"name": s.title, "state": s.sheet_state} for s in book.worksheets]
    report.facts["print_area"] = str(sheet.print_area or "")
    report.expect("first sheet is visible", "visible", sheet.sheet_state)
    rows = split_title(read_rows(sheet, expected.columns), expected, report)
    report.facts["tall_rows"] = [n for n, row in enumerate(rows, 1) if row.last > row.first]
    # Empty rows that only carry a format after the table are not part of it.
    while len(rows) > len(expected.rows) and all(cell.value is None for cell in rows[-1].cells):
        rows.pop()
    report.expect("number of rows", len(expected.rows), len(rows))
    compare_cells(rows, expected, report)
    compare_merges(rows, expected, report)
    compare_surroundings(sheet, rows, expected, report)
    compare_print_setup(sheet, rows[-1].last if rows else 0, expected, report)
    return report.finish()


if __name__ == "__main__":
    run(main)
