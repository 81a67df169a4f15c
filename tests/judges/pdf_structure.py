"""Shows what a PDF is made of, for a test to look into: pages, fonts, language, title, outline, tag tree.

Prints one JSON object and judges nothing: exit code 0 when the file could be read, else 2.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pdfplumber
from pdfminer.pdfdocument import PDFNoOutlines
from pdfminer.pdftypes import PDFObjRef, dict_value, resolve1, stream_value
from pdfminer.psparser import PSLiteral
from pdfminer.utils import decode_text

from common import print_json, run

SUBSET = re.compile(r"[A-Z]{6}\+")
DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"
PDFA_ID = "{http://www.aiim.org/pdfa/ns/id/}"


def plain(value: Any) -> Any:
    """A PDF object as JSON would have it."""
    value = resolve1(value)
    if isinstance(value, PSLiteral):
        return value.name if isinstance(value.name, str) else value.name.decode("utf-8", "replace")
    if isinstance(value, bytes):
        return decode_text(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def fonts_of(pdf: Any) -> list[dict[str, Any]]:
    """Every font dictionary that a page or a form on it uses, each once."""
    found: dict[Any, dict[str, Any]] = {}
    done: set[int] = set()

    def walk(resources: Any) -> None:
        resources = resolve1(resources) or {}
        for name, ref in (resolve1(resources.get("Font")) or {}).items():
            key = ref.objid if isinstance(ref, PDFObjRef) else name
            found.setdefault(key, dict_value(ref))
        for ref in (resolve1(resources.get("XObject")) or {}).values():
            if isinstance(ref, PDFObjRef) and ref.objid not in done:
                done.add(ref.objid)
                walk(stream_value(ref).attrs.get("Resources"))

    for page in pdf.pages:
        walk(page.page_obj.resources)
    return list(found.values())


def font_facts(font: dict[str, Any]) -> dict[str, Any]:
    name = plain(font.get("BaseFont"))
    descendant = resolve1(resolve1(font["DescendantFonts"])[0]) if "DescendantFonts" in font else font
    descriptor = resolve1(descendant.get("FontDescriptor")) or {}
    return {
        "name": SUBSET.sub("", name or ""),
        "type": plain(font.get("Subtype")),
        "descendant": plain(descendant.get("Subtype")),
        "embedded": any(key in descriptor for key in ("FontFile", "FontFile2", "FontFile3")),
        "subset": bool(name and SUBSET.match(name)),
        "to_unicode": "ToUnicode" in font,
    }


def elements(root: Any) -> Iterator[dict[str, Any]]:
    """Every structure element below the root, in reading order."""
    stack = [resolve1(root)]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack.extend(resolve1(child) for child in reversed(node))
        elif isinstance(node, dict):
            if "S" in node:
                yield node
            if "K" in node:
                stack.append(resolve1(node["K"]))


def tag_facts(catalog: dict[str, Any]) -> dict[str, Any]:
    root = resolve1(catalog.get("StructTreeRoot"))
    if not root:
        return {"elements": {}, "table_attributes": {}}
    roles = plain(root.get("RoleMap")) or {}
    counts: Counter[str] = Counter()
    attributes: Counter[str] = Counter()
    for node in elements(root.get("K")):
        tag = plain(node["S"])
        tag = roles.get(tag, tag)
        counts[tag] += 1
        given = plain(node.get("A")) or []
        for item in given if isinstance(given, list) else [given]:
            if not isinstance(item, dict) or tag not in ("TH", "TD", "Table"):
                continue
            for key in ("Scope", "RowSpan", "ColSpan"):
                if key in item:
                    attributes[f"{tag}/{key}={item[key]}"] += 1
            if item.get("Headers"):
                attributes[f"{tag}/Headers"] += 1
    return {"elements": dict(sorted(counts.items())), "table_attributes": dict(sorted(attributes.items()))}


def metadata_facts(catalog: dict[str, Any]) -> dict[str, Any]:
    """Title, authors, language and PDF/A part as the XMP packet tells them."""
    stream = resolve1(catalog.get("Metadata"))
    if stream is None:
        return {}
    root = ElementTree.fromstring(stream.get_data().decode("utf-8").strip("\ufeff\x00 \n"))
    lists = {}
    for key in ("title", "creator", "language", "description"):
        node = root.find(f".//{DUBLIN_CORE}{key}")
        lists[key] = [text.strip() for text in node.itertext() if text.strip()] if node is not None else []
    for key in ("part", "conformance"):
        found = [n.text for n in root.iter(f"{PDFA_ID}{key}")]
        found += [n.attrib[f"{PDFA_ID}{key}"] for n in root.iter() if f"{PDFA_ID}{key}" in n.attrib]
        lists[f"pdfa_{key}"] = found[:1]
    return lists


def attached_files(catalog: dict[str, Any]) -> list[str]:
    """Names of embedded files, from the catalog's associated files."""
    specs = [resolve1(item) for item in resolve1(catalog.get("AF")) or []]
    return [plain(spec.get("UF") or spec.get("F")) for spec in specs]


def outline_of(document: Any) -> list[dict[str, Any]]:
    try:
        return [{"level": level, "text": title} for level, title, *_ in document.get_outlines()]
    except PDFNoOutlines:
        return []


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pdf")
    args = parser.parse_args()
    with pdfplumber.open(args.pdf) as pdf:
        catalog = pdf.doc.catalog
        info = {key: plain(value) for entry in pdf.doc.info for key, value in entry.items()}
        mark = resolve1(catalog.get("MarkInfo")) or {}
        print_json(
            {
                "pages": len(pdf.pages),
                "sizes": [[round(float(p.width), 2), round(float(p.height), 2)] for p in pdf.pages],
                "fonts": sorted((font_facts(f) for f in fonts_of(pdf)), key=lambda f: f["name"]),
                "lang": plain(catalog.get("Lang")),
                "title": info.get("Title"),
                "author": info.get("Author"),
                "info": info,
                "xmp": metadata_facts(catalog),
                "outline": outline_of(pdf.doc),
                "marked": bool(resolve1(mark.get("Marked"))),
                "display_title": bool(plain((resolve1(catalog.get("ViewerPreferences")) or {}).get("DisplayDocTitle"))),
                "attachments": attached_files(catalog),
                **tag_facts(catalog),
            }
        )
    return 0


if __name__ == "__main__":
    run(main)
