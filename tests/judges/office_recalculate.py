"""Judge: every formula of a workbook has the result that LibreOffice calculates for it.

LibreOffice trusts the results stored in files that name Excel as their maker, so each run has a profile of its own
that says "always recalculate", and proves that it does: a copy of the workbook with a wrong result stored in it must
come out right.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import openpyxl

from common import Report, run

TIME_LIMIT = 300  # seconds
ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item>
</oor:items>
"""
WRONG = "987654321"
STORED = re.compile(rb"(<f>[^<]*</f><v>)[0-9.]+(</v>)")


def recalculated(book: Path, folder: Path) -> Path:
    """The workbook as LibreOffice saves it after calculating everything anew."""
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="office-") as profile:
        user = Path(profile) / "user"
        user.mkdir()
        (user / "registrymodifications.xcu").write_text(ALWAYS, encoding="utf-8")
        command = ["soffice", f"-env:UserInstallation={Path(profile).as_uri()}", "--headless", "--norestore"]
        command += ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder), str(book)]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True
        )
        try:
            said, _ = process.communicate(timeout=TIME_LIMIT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise RuntimeError(f"LibreOffice did not finish within {TIME_LIMIT} seconds") from None
    target = folder / book.name
    if process.returncode != 0 or not target.is_file():
        raise RuntimeError(f"LibreOffice gave no workbook: {said.strip()}")
    return target


def spoilt(book: Path, copy: Path) -> int:
    """A copy in which every stored number of a formula is wrong; how many there are."""
    count = 0
    with zipfile.ZipFile(book) as source, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as target:
        for item in source.infolist():
            data = source.read(item)
            if item.filename.startswith("xl/worksheets/"):
                data, changed = STORED.subn(rb"\g<1>" + WRONG.encode() + rb"\g<2>", data)
                count += changed
            target.writestr(item, data)
    return count


def formulas(book: Path) -> dict[tuple[str, str], Any]:
    """Every cell with a formula, and the result stored with it."""
    live = openpyxl.load_workbook(book)
    known = openpyxl.load_workbook(book, data_only=True)
    return {
        (sheet.title, cell.coordinate): known[sheet.title][cell.coordinate].value
        for sheet in live.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }


def same(one: Any, other: Any) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= 1e-9 * max(1, abs(one))
    return one == other


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("xlsx", type=Path)
    args = parser.parse_args()
    book = args.xlsx.resolve(strict=True)
    report = Report()
    stored = formulas(book)
    with tempfile.TemporaryDirectory(prefix="recalculated-") as folder:
        wrong = Path(folder) / "spoilt" / book.name
        wrong.parent.mkdir()
        spoiled = spoilt(book, wrong)
        numbers = sum(isinstance(value, int | float) for value in stored.values())
        report.expect("numbers that were spoilt", numbers, spoiled)
        for name, source in (("as written", book), ("with wrong results", wrong)):
            copy = Path(folder) / name / "out"
            found = openpyxl.load_workbook(recalculated(source, copy), data_only=True)
            for (sheet, cell), value in stored.items():
                new = found[sheet][cell].value
                if not same(value, new):
                    report.add(name, sheet=sheet, cell=cell, expected=value, found=new)
            shutil.rmtree(copy)
    report.facts = {"formulas": len(stored), "numbers": numbers}
    if not numbers:
        report.add("no formula with a number")
    return report.finish()


if __name__ == "__main__":
    run(main)
