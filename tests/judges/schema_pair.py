"""Judge: data files are good under a stock YAML reader and a stock JSON Schema checker, as an editor would use.

PyYAML is YAML 1.1 and turns `2021` into a number; the schema has to live with that.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

from common import Report, run


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("schema", type=Path)
    parser.add_argument("data", type=Path, nargs="+")
    args = parser.parse_args()
    schema = json.loads(args.schema.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    report = Report(facts={"files": len(args.data)})
    for path in args.data:
        try:
            data = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            report.add("YAML", file=str(path), message=str(error))
            continue
        for error in sorted(validator.iter_errors(data), key=lambda e: [str(p) for p in e.absolute_path]):
            place = "/".join(str(part) for part in error.absolute_path)
            report.add("schema", file=str(path), at=place, message=error.message)
    return report.finish()


if __name__ == "__main__":
    run(main)
