"""Shows a workbook of many sheets for a test to look into. Prints one JSON object; exit code 0, or 2 on failure.

For each sheet: its values as stored (`rows`) and its formulas, panes, filter, print titles, drop-downs, charts.
"""

from __future__ import annotations

import argparse

import openpyxl

from common import print_json, run


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("xlsx")
    args = parser.parse_args()
    live = openpyxl.load_workbook(args.xlsx)
    known = openpyxl.load_workbook(args.xlsx, data_only=True)
    sheets = {}
    for sheet in live.worksheets:
        values = known[sheet.title]
        sheets[sheet.title] = {
            "rows": [[cell.value for cell in row] for row in values.iter_rows()],
            "formulas": {
                cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "f"
            },
            "frozen": sheet.freeze_panes,
            "filter": sheet.auto_filter.ref,
            "titles": sheet.print_title_rows,
            "choices": [[str(one.sqref), one.formula1] for one in sheet.data_validations.dataValidation],
            "charts": len(sheet._charts),  # noqa: SLF001 - the only way to count them
            "paper": [sheet.page_setup.orientation, sheet.page_setup.paperSize],
            "wide": sheet.page_setup.fitToWidth if sheet.sheet_properties.pageSetUpPr else None,
        }
    print_json({"sheets": sheets, "order": live.sheetnames})
    return 0


if __name__ == "__main__":
    run(main)
