"""Judge: a PDF keeps to PDF/A (or PDF/UA), as `page-validation` sees it.

Two of its rules are false on the CFF font subsets that krilla writes. They are set aside by name, and what
they claim is checked here by other means; every other finding counts.
"""

from __future__ import annotations

import argparse
import io
import re
import shutil
import subprocess
from typing import Any

import page
import pdfplumber
from fontTools.cffLib import CFFFontSet
from fontTools.pens.basePen import NullPen
from pdfminer.pdftypes import list_value, resolve1

from common import Report, run
from pdf_structure import fonts_of

# It reads a width of 0 for glyphs of a bare CFF program and says that the PDF's /W is wrong. The charstrings,
# as fontTools reads them, have exactly the widths of /W (`wrong_widths`).
# PDFA2A-TRUETYPE-GLYPH-WIDTH-001; other profiles have the same rule under their own prefix.
FALSE_WIDTH = re.compile(r"PDFA[123][ABU]-TRUETYPE-GLYPH-WIDTH-001|PDFUA1-FONT-GLYPH-WIDTH-001")
# It disputes the /Length of a stream that qpdf finds right; qpdf warns of every wrong one (`qpdf_complaint`).
# PDFA2A-STREAM-LENGTH-001, and again one for each profile.
FALSE_LENGTH = re.compile(r"PDF(?:A[123][ABU]|UA1)-STREAM-LENGTH-001")


def declared_widths(array: list[Any]) -> dict[int, float]:
    """A CIDFont's /W: `first [w1 w2 ...]` and `first last w`, as one map from CID to width."""
    widths: dict[int, float] = {}
    items = [resolve1(item) for item in array]
    at = 0
    while at < len(items):
        first, second = items[at], items[at + 1]
        if isinstance(second, list):
            widths.update({first + n: float(resolve1(w)) for n, w in enumerate(second)})
            at += 2
        else:
            widths.update({cid: float(items[at + 2]) for cid in range(first, second + 1)})
            at += 3
    return widths


def wrong_widths(pdf: Any) -> list[dict[str, Any]]:
    """Glyphs of bare CFF fonts whose width in the PDF is not the font's own, to one unit of a thousandth em."""
    wrong = []
    for font in fonts_of(pdf):
        descendant = resolve1(list_value(font["DescendantFonts"])[0]) if "DescendantFonts" in font else None
        descriptor = resolve1(descendant.get("FontDescriptor")) if descendant else None
        if not descriptor or "FontFile3" not in descriptor:
            continue
        data = resolve1(descriptor["FontFile3"]).get_data()
        if data[:4] == b"OTTO":
            continue
        cff = CFFFontSet()
        cff.decompile(io.BytesIO(data), None)
        top = cff[0]
        # A CID-keyed font maps by charset, any other by glyph index.
        names = top.charset
        by_cid = hasattr(top, "ROS")
        cids = [int(n[3:]) if n.startswith("cid") else 0 for n in names] if by_cid else range(len(names))
        scale = top.FDArray[0].FontMatrix[0] if by_cid and "FontMatrix" not in top.rawDict else top.FontMatrix[0]
        default = float(resolve1(descendant.get("DW", 1000)))
        declared = declared_widths(list_value(descendant.get("W", [])))
        for cid, name in zip(cids, names, strict=True):
            glyph = top.CharStrings[name]
            glyph.draw(NullPen())
            own = glyph.width * scale * 1000
            if abs(declared.get(cid, default) - own) > 1 and name != ".notdef":
                wrong.append({"font": str(font.get("BaseFont")), "cid": cid, "width": own})
    return wrong


def qpdf_complaint(path: str) -> str | None:
    """What qpdf says against the file, None if nothing; without qpdf nothing can be set aside."""
    if not shutil.which("qpdf"):
        return "qpdf is not installed"
    done = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, errors="replace", check=False)
    return None if done.returncode == 0 else (done.stdout + done.stderr).strip()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pdf")
    parser.add_argument("--profile", default="2a", help="1b to 3u, or ua1 (default: 2a)")
    args = parser.parse_args()
    verdict = page.validate_pdf(args.pdf, profile=args.profile)
    report = Report()
    set_aside: dict[str, int] = {}
    for failure in verdict.failures:
        if FALSE_WIDTH.fullmatch(failure.rule_id) or FALSE_LENGTH.fullmatch(failure.rule_id):
            set_aside[failure.rule_id] = set_aside.get(failure.rule_id, 0) + 1
            continue
        where = failure.object_id.object_number if failure.object_id else None
        report.add(failure.rule_id, message=failure.message, object=where, category=str(failure.category))
    report.facts = {"profile": args.profile, "rules": verdict.rules.total, "set_aside": set_aside}
    if not verdict.rules.total:
        report.add("no rule was checked", profile=args.profile)
    if any(map(FALSE_WIDTH.fullmatch, set_aside)):
        with pdfplumber.open(args.pdf) as pdf:
            for wrong in wrong_widths(pdf):
                report.add("width of a glyph", **wrong)
    if any(map(FALSE_LENGTH.fullmatch, set_aside)) and (complaint := qpdf_complaint(args.pdf)):
        report.add("qpdf --check", message=complaint)
    return report.finish()


if __name__ == "__main__":
    run(main)
