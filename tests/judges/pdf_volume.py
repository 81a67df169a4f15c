"""Shows a bound volume for a test to look into: the text of each page, the outline, and where links lead.

Prints one JSON object and judges nothing, unless other PDFs are named: then each must be found whole, page by page and
in order, after the pages of the one before, but for the foot of its pages. Exit code 0, 1 (not found) or 2.
"""

from __future__ import annotations

import argparse
import re
from typing import Any

import pdfplumber
from pdfminer.pdftypes import resolve1

from common import print_json, run

FOOT = re.compile(r"第 \d+ 页 / 共 \d+ 页")


def text_of(page: Any) -> str:
    return page.extract_text() or ""


def body(page: Any) -> list[tuple[str, float, float]]:
    """Every character above the foot with its place, which must be the same wherever a page is bound."""
    limit = page.height - 57
    return [(c["text"], round(c["x0"], 1), round(c["top"], 1)) for c in page.chars if c["top"] < limit]


def lines(page: Any) -> list[tuple[float, float, float, float]]:
    return sorted({(round(e["x0"], 1), round(e["top"], 1), round(e["x1"], 1), round(e["bottom"], 1)) for e in page.edges})


def target(pdf: Any, numbers: dict[int, int], annotation: dict[str, Any]) -> Any:
    """The page that a link leads to, from 1, or the address of another file."""
    raw = annotation["data"]
    action = resolve1(raw.get("A"))
    if action and "URI" in action:
        return action["URI"].decode("ascii")
    dest = resolve1(raw.get("Dest")) or resolve1(action["D"])
    return numbers.get(dest[0].objid)


def outline(pdf: Any, numbers: dict[int, int]) -> list[dict[str, Any]]:
    entries = []
    for level, title, dest, action, _ in pdf.doc.get_outlines():
        place = resolve1(dest) or resolve1(resolve1(action)["D"])
        entries.append({"level": level, "text": title, "page": numbers.get(place[0].objid)})
    return entries


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("volume")
    parser.add_argument("bound", nargs="*")
    args = parser.parse_args()
    missing = []
    with pdfplumber.open(args.volume) as pdf:
        numbers = {page.page_obj.pageid: page.page_number for page in pdf.pages}
        bodies = [(body(page), lines(page)) for page in pdf.pages]
        next_page = 0
        for name in args.bound:
            with pdfplumber.open(name) as alone:
                wanted = [(body(page), lines(page)) for page in alone.pages]
            starts = range(next_page, len(bodies) - len(wanted) + 1)
            found = next((at for at in starts if bodies[at : at + len(wanted)] == wanted), None)
            if found is None:
                missing.append(name)
            else:
                next_page = found + len(wanted)
        feet = [FOOT.findall(text_of(page)) for page in pdf.pages]
        print_json(
            {
                "texts": [text_of(page) for page in pdf.pages],
                "feet": [found[-1] if found else None for found in feet],
                "outline": outline(pdf, numbers),
                "links": [
                    {"page": page.page_number, "to": target(pdf, numbers, link)}
                    for page in pdf.pages
                    for link in page.annots
                ],
                "missing": missing,
            }
        )
    return 1 if missing else 0


if __name__ == "__main__":
    run(main)
