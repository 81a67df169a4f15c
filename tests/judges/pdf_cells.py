"""Judge: the table in a PDF, read back cell by cell, is the expected one.

Knows how a table goes over pages: a vertical group that a break cuts stands again on the next page with
its label in the same words, and a row taller than a page goes on there; all else counts once.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass

import pdfplumber

from common import Expected, Report, load_expected, run
from pdf_table import Cell, Page, read_pages

FOOTER = re.compile(r"第\s*(\d+)\s*页\s*/\s*共\s*(\d+)\s*页")


@dataclass
class Row:
    """One row of the table: for each place the fragments of its cell, one for each page that it stands on."""

    places: list[list[Cell | None]]
    page: int


def same(lines: list[str], expected: str) -> bool:
    """Whether wrapped lines are this text. A space at which a line was wrapped may have gone with the break."""
    pattern = " ?".join(re.escape(line) for line in lines)
    return re.fullmatch(pattern, expected.replace("\n", "")) is not None


def begins(lines: list[str], expected: str) -> bool:
    """Whether the lines are a beginning of the text, but not all of it."""
    pattern = " ?".join(re.escape(line) for line in lines)
    return bool(lines) and not same(lines, expected) and re.match(pattern, expected.replace("\n", "")) is not None


def place_text(fragments: list[Cell | None], expected: str) -> list[str]:
    """The text of one place. A label repeated on each page counts once; a text cut by the break is put together."""
    cells = [cell for cell in fragments if cell is not None]
    if all(same(cell.lines, expected) for cell in cells) and cells:
        return cells[0].lines
    return [line for cell in cells for line in cell.lines]


def table_rows(pages: list[Page], expected: Expected) -> list[Row]:
    """The rows of all pages; a page's first row is joined to the last row before it while that one is unfinished."""
    rows: list[Row] = []
    for number, page in enumerate(pages):
        for index, cells in enumerate(page.grid):
            at = len(rows) - 1
            if index == 0 and rows and at < len(expected.rows) and goes_on(rows[at], expected.rows[at]):
                for place, cell in zip(rows[at].places, cells, strict=True):
                    place.append(cell)
            else:
                rows.append(Row([[cell] for cell in cells], number))
    return rows


def goes_on(row: Row, expected: list[str]) -> bool:
    """Whether some text of this row stopped in the middle, as it does when the page ends inside the row."""
    return any(
        begins(lines, text)
        for place, text in zip(row.places, expected, strict=False)
        if (lines := place_text(place, text))
    )


def compare_cells(rows: list[Row], expected: Expected, report: Report) -> None:
    report.expect("number of rows", len(expected.rows), len(rows))
    labels = {(r, 0) for r in range(len(expected.rows))}
    labels |= {place for place, (r, c) in expected.anchors().items() if expected.spans_rows(r, c)}
    for r, (row, texts) in enumerate(zip(rows, expected.rows, strict=False)):
        for c, (place, text) in enumerate(zip(row.places, texts, strict=False)):
            if any(cell is None for cell in place):
                report.cell(r, c, text, None, "no cell is drawn here")
                continue
            found = place_text(place, text)
            if not same(found, text):
                report.cell(r, c, text, "".join(found))
            elif (r, c) in labels and any(not same(cell.lines, text) for cell in place):
                fragments = ["".join(cell.lines) for cell in place]
                report.cell(r, c, text, fragments, "label does not stand again on each page")
            if any(cell.spills for cell in place):
                report.cell(r, c, text, "".join(found), "text runs over the border of its cell")


def compare_merges(rows: list[Row], expected: Expected, report: Report) -> None:
    """Places of one expected cell are one drawn cell on each page, and no drawn cell is wider than that."""
    if expected.merges is None or len(rows) != len(expected.rows):
        return
    anchors = expected.anchors()
    owner: dict[int, tuple[int, int]] = {}
    drawn: dict[tuple[tuple[int, int], int], Cell] = {}
    for r, row in enumerate(rows):
        for c, place in enumerate(row.places):
            anchor = anchors[r, c]
            for cell in place:
                if cell is None:
                    continue
                if owner.setdefault(id(cell), anchor) != anchor:
                    report.cell(r, c, expected.rows[r][c], "".join(cell.lines), "merged with another cell")
                if drawn.setdefault((anchor, cell.page), cell) is not cell:
                    report.cell(r, c, expected.rows[r][c], "".join(cell.lines), "drawn apart from its merged cell")


def compare_rest(pages: list[Page], expected: Expected, report: Report) -> None:
    """The title, centred over the table, stands on the first page only; a footer may say the page number."""
    report.expect("title", expected.title, [text.strip() for text, _ in pages[0].above])
    middle = (pages[0].left + pages[0].right) / 2
    for text, centre in pages[0].above:
        if abs(centre - middle) > 3:
            report.add("title is not centred", text=text, expected=round(middle, 1), found=round(centre, 1))
    for number, page in enumerate(pages, 1):
        extra = [text for text, _ in page.above] if number > 1 else []
        for line in extra + page.below:
            match = FOOTER.fullmatch(line.strip())
            if not match or (int(match[1]), int(match[2])) != (number, len(pages)):
                report.add("text outside the table", page=number, found=line)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pdf")
    parser.add_argument("expected")
    parser.add_argument("--any-pages", action="store_true", help="do not compare the number of pages")
    args = parser.parse_args()
    expected = load_expected(args.expected)
    report = Report()
    with pdfplumber.open(args.pdf) as pdf:
        pages, borders = read_pages(pdf)
        sizes = sorted({(round(float(p.width), 1), round(float(p.height), 1)) for p in pdf.pages})
    report.facts = {"project": expected.project, "pages": len(pages), "sizes": sizes}
    report.facts["rows_by_page"] = [len(page.grid) for page in pages]
    if not args.any_pages:
        report.expect("number of pages", expected.pages, len(pages))
    report.expect("number of columns", expected.columns, len(borders) - 1)
    if len(borders) - 1 == expected.columns:
        rows = table_rows(pages, expected)
        compare_cells(rows, expected, report)
        compare_merges(rows, expected, report)
    compare_rest(pages, expected, report)
    return report.finish()


if __name__ == "__main__":
    run(main)
