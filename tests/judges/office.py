"""Opens a workbook in a real LibreOffice and prints it to PDF, or saves it as a workbook again; prints the path.

Each run has a profile of its own, so that runs neither wait for each other nor touch the user's settings.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from common import run

TIME_LIMIT = 120  # seconds


FILTERS = {"pdf": "pdf:calc_pdf_Export", "xlsx": "xlsx:Calc MS Excel 2007 XML"}


def convert(book: Path, folder: Path, kind: str = "pdf") -> Path:
    """Raises RuntimeError when LibreOffice gives no file in time."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{book.stem}.{kind}"
    target.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="office-") as profile:
        command = ["soffice", f"-env:UserInstallation={Path(profile).as_uri()}", "--headless", "--norestore"]
        command += ["--convert-to", FILTERS[kind], "--outdir", str(folder), str(book)]
        # A session of its own: soffice starts a second process, and both must go when time is up.
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        try:
            said, _ = process.communicate(timeout=TIME_LIMIT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise RuntimeError(f"LibreOffice did not finish within {TIME_LIMIT} seconds") from None
    if process.returncode != 0 or not target.is_file():
        raise RuntimeError(f"LibreOffice gave no file: {said.strip()}")
    return target


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("xlsx", type=Path)
    parser.add_argument("outdir", type=Path)
    parser.add_argument("--to", choices=sorted(FILTERS), default="pdf")
    args = parser.parse_args()
    try:
        target = convert(args.xlsx.resolve(strict=True), args.outdir.resolve(), args.to)
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    print(target)
    return 0


if __name__ == "__main__":
    run(main)
