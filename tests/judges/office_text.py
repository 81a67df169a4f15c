"""Judge: all that the first sheet of a workbook says can be seen in the PDF that an office program made of it.

Finds rows that are too low: a text that its cell cuts off is drawn under a clip that does not hold all of
it. White space is left out on both sides; a cell's text stands together in drawing order.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from typing import Any

import openpyxl
import pdfplumber

from common import Report, display, run
from pdf_clip import Glyph, read_glyphs


def squeeze(text: str) -> str:
    return "".join(text.split())


def shown(cell: Any) -> str:
    """What a reader sees in this cell."""
    if isinstance(cell.value, int | float) and not isinstance(cell.value, bool):
        return display(cell.value, cell.number_format)
    return str(cell.value)


class Drawn:
    """One page's text in drawing order, and the glyph that each character of it comes from."""

    def __init__(self, glyphs: list[Glyph]) -> None:
        self.text = "".join(squeeze(glyph.text) for glyph in glyphs)
        self.glyphs = [glyph for glyph in glyphs for _ in squeeze(glyph.text)]

    def occurrences(self, text: str) -> Iterator[list[Glyph]]:
        at = self.text.find(text)
        while at >= 0:
            yield self.glyphs[at : at + len(text)]
            at = self.text.find(text, at + 1)


def seen_on(pages: list[Drawn], text: str, test: Callable[[Glyph], bool]) -> tuple[int, list[bool]]:
    """How often the text is seen in full, and which of its characters are seen at all on any page."""
    full, seen = 0, [False] * len(text)
    for page in pages:
        for glyphs in page.occurrences(text):
            marks = [test(glyph) for glyph in glyphs]
            full += all(marks)
            seen = [a or b for a, b in zip(seen, marks, strict=True)]
    return full, seen


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("xlsx")
    parser.add_argument("office_pdf")
    parser.add_argument("--pdf", help="the PDF of the same table, to show its number of pages beside")
    parser.add_argument("--same-pages", action="store_true", help="with --pdf: the numbers of pages must agree")
    args = parser.parse_args()
    sheet = openpyxl.load_workbook(args.xlsx).worksheets[0]
    pages = [Drawn(glyphs) for glyphs in read_glyphs(args.office_pdf)]
    report = Report(facts={"office_pages": len(pages), "manual_page_breaks": len(sheet.row_breaks.brk)})
    if args.pdf:
        with pdfplumber.open(args.pdf) as pdf:
            report.facts["pdf_pages"] = len(pdf.pages)
        if args.same_pages:
            report.expect("number of pages", report.facts["pdf_pages"], len(pages))
    where: dict[str, list[str]] = {}
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value is not None and (text := squeeze(shown(cell))):
                where.setdefault(text, []).append(cell.coordinate)
    over_pages = []
    for text, cells in where.items():
        found, _ = seen_on(pages, text, Glyph.whole)
        if found >= len(cells):
            continue
        # A page break inside a cell that is merged over rows leaves a part of the text on each page, and may
        # go through the middle of a line.
        _, seen = seen_on(pages, text, Glyph.half)
        drawn_on = sum(any(True for _ in page.occurrences(text)) for page in pages)
        if len(cells) == 1 and all(seen) and drawn_on > 1:
            over_pages += cells
            continue
        missing = "".join(c for c, is_seen in zip(text, seen, strict=True) if not is_seen)
        report.add(
            "not seen in full", cells=cells, expected=len(cells), found=found, text=text[:60], missing=missing[:60]
        )
    report.facts |= {"texts": len(where), "over_pages": over_pages}
    return report.finish()


if __name__ == "__main__":
    run(main)
