"""Reads the ruled table of one PDF page back: cells from the ruling lines, text from the characters' own places.

pdfplumber's word grouping is not used, because it guesses spaces; here a space counts only if the PDF has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SNAP = 2.0  # points; two ruling lines nearer than this are one
Box = tuple[float, float, float, float]
PUNCTUATION = "，。、；：！？（）《》〈〉“”‘’〔〕【】「」『』"
SETTINGS = {
    "vertical_strategy": "lines",
    "horizontal_strategy": "lines",
    "snap_tolerance": SNAP,
    "join_tolerance": SNAP,
    "intersection_tolerance": SNAP,
}


@dataclass
class Cell:
    """One drawn cell. `columns` is a half-open range; `rows` too, counted on its page."""

    page: int
    rows: tuple[int, int]
    columns: tuple[int, int]
    lines: list[str]
    spills: bool


@dataclass
class Page:
    """`grid[row][column]` is the cell that covers the place, or None; `outside` is the text off the table."""

    grid: list[list[Cell | None]]
    above: list[tuple[str, float]]
    below: list[str]
    left: float
    right: float


def text_lines(chars: list[dict[str, Any]]) -> list[tuple[str, float]]:
    """Characters to lines, by baseline and then from left to right; with the middle of each line."""
    lines: list[tuple[float, list[dict[str, Any]]]] = []
    for char in sorted(chars, key=lambda c: -c["matrix"][5]):
        baseline = char["matrix"][5]
        if lines and abs(lines[-1][0] - baseline) < char["size"] * 0.3:
            lines[-1][1].append(char)
        else:
            lines.append((baseline, [char]))
    result = []
    for _, members in lines:
        members.sort(key=lambda c: c["x0"])
        text = "".join(c["text"] for c in members)
        if text.strip():
            inked = [c for c in members if c["text"].strip()]
            result.append((text, (inked[0]["x0"] + inked[-1]["x1"]) / 2))
    return result


def cluster(values: list[float]) -> list[float]:
    """Sorted positions with near ones made one."""
    result: list[float] = []
    for value in sorted(values):
        if not result or value - result[-1] > SNAP:
            result.append(value)
    return result


def nearest(positions: list[float], value: float) -> int:
    return min(range(len(positions)), key=lambda i: abs(positions[i] - value))


def spills_over(char: dict[str, Any], box: Box, page_height: float) -> bool:
    """Whether a glyph reaches past the border of its cell by more than half a point."""
    left, top, right, bottom = box
    # Full-width punctuation is blank in the half that faces the end of its line, and may lose that half there.
    slack = 0.5 + (char["size"] / 2 if char["text"] in PUNCTUATION else 0)
    baseline = page_height - char["matrix"][5]
    # A Han glyph reaches 0.88 em above its baseline and 0.12 em below it.
    over, under = baseline - char["size"] * 0.88, baseline + char["size"] * 0.12
    return char["x0"] < left - slack or char["x1"] > right + slack or over < top - 0.5 or under > bottom + 0.5


def boxes_of(page: Any) -> list[Box]:
    """The rectangles (left, top, right, bottom) of all drawn cells."""
    return [box for table in page.find_tables(SETTINGS) for box in table.cells]


def home_of(char: dict[str, Any], boxes: list[Box], page_height: float) -> int | None:
    """Which cell a character stands in."""
    x, y = (char["x0"] + char["x1"]) / 2, middle_of(char, page_height)
    return next((n for n, b in enumerate(boxes) if b[0] <= x <= b[2] and b[1] <= y <= b[3]), None)


def middle_of(char: dict[str, Any], page_height: float) -> float:
    """The height of a glyph's middle, from its baseline: a font's box may reach past the cell of its glyph."""
    return page_height - char["matrix"][5] - char["size"] * 0.3


def read_pages(pdf: Any) -> tuple[list[Page], list[float]]:
    """All pages of a document, on one set of column borders taken from all of them."""
    boxes = [boxes_of(page) for page in pdf.pages]
    xs = cluster([x for page in boxes for box in page for x in (box[0], box[2])])
    return [read_page(n, page, boxes[n], xs) for n, page in enumerate(pdf.pages)], xs


def read_page(number: int, page: Any, boxes: list[Box], xs: list[float]) -> Page:
    ys = cluster([y for box in boxes for y in (box[1], box[3])])
    grid: list[list[Cell | None]] = [[None] * (len(xs) - 1) for _ in ys[1:]]
    left = xs[0] if xs else 0.0
    right = xs[-1] if xs else float(page.width)
    inside: dict[int, list[dict[str, Any]]] = {n: [] for n in range(len(boxes))}
    above, below = [], []
    for char in page.chars:
        home = home_of(char, boxes, float(page.height))
        if home is not None:
            inside[home].append(char)
        elif boxes and middle_of(char, float(page.height)) > ys[-1]:
            below.append(char)
        else:
            above.append(char)
    for n, box in enumerate(boxes):
        columns = (nearest(xs, box[0]), nearest(xs, box[2]))
        rows = (nearest(ys, box[1]), nearest(ys, box[3]))
        inked = [c for c in inside[n] if c["text"].strip()]
        spills = any(spills_over(char, box, float(page.height)) for char in inked)
        cell = Cell(number, rows, columns, [t for t, _ in text_lines(inside[n])], spills)
        for r in range(*rows):
            for c in range(*columns):
                grid[r][c] = cell
    return Page(grid, text_lines(above), [t for t, _ in text_lines(below)], left, right)
