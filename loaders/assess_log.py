"""Add statements to the log of a product: behind what stands there, which is left as it is to the byte.

The file is replaced as a whole and read again with everything else; on any new problem the old bytes come back.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections import Counter
from pathlib import Path

from loaders import csv_rows, registry, written, yaml_rows
from loaders.assessments import CSV_COLUMNS
from loaders.reading import Reading
from loaders.yaml_rows import ListPlace
from maturity import whole_files
from maturity.records.guide_map import Assessment, AssessmentEntry
from maturity.records.problems import Problem

_BOM = "\ufeff"
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._-]*|\d{4}-\d{2}-\d{2}")
_OTHER_IN_YAML = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
_IN_FLOW = "{{{}}}"


class NotWritten(Exception):
    """Nothing was written, or what was written is taken back; the message says why, `problems` with their places."""

    def __init__(self, message: str, problems: list[Problem] | None = None) -> None:
        super().__init__(message)
        self.problems = problems or []


def append(folder: Path, product: str, entries: list[AssessmentEntry], today: dt.date) -> str:
    """Add entries to the log of a product and return the file. NotWritten where the folder would not read well."""
    with written.only_writer(folder):
        return _append(folder, product, entries, today)


def _append(folder: Path, product: str, entries: list[AssessmentEntry], today: dt.date) -> str:
    before = registry.read_folder(folder, today)
    path, file = log_of(before, product)
    _refuse_broken(before, file)
    try:
        old = path.read_bytes() if path.exists() else None
        new = _extended(path, file, (old or b"").decode("utf-8"), product, entries)
        path.parent.mkdir(parents=True, exist_ok=True)
        whole_files.put(path, new)
    except OSError as error:
        raise NotWritten(f"{path}: {error.strerror or error}; nothing was written") from None
    try:
        problems = _new_problems(before, registry.read_folder(folder, today), product, entries, file)
    except BaseException:
        _restore(path, old)
        raise
    if problems:
        _restore(path, old)
        raise NotWritten(f"{file} is as it was before: the new statements do not read well", problems)
    return file


def log_of(reading: Reading, product: str) -> tuple[Path, str]:
    """The file that statements about a product go to: its own, else the one with its last statement, else a new one."""
    own = [f"assessments/{product}.yaml", f"assessments/{product}.csv"]
    said = [a for a in reading.bundle.assessments if a.record.product == product and a.file.startswith("assessments/")]
    said.sort(key=lambda a: (a.record.assessed_on, a.file))
    there = [name for name in own if (reading.folder / name).is_file()]
    file = (there or [a.file for a in said[-1:]] or own)[0]
    return reading.folder / file, file


def flow(entry: AssessmentEntry) -> str:
    """An entry as one line of YAML, the way the logs are written."""
    return _in_braces(_fields(entry))


# ---------------------------------------------------------------------------------------------------------- the text


def _extended(path: Path, file: str, text: str, product: str, entries: list[AssessmentEntry]) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    if path.suffix == ".csv":
        added = _csv(path, file, text, product, entries, newline)
    else:
        added = _yaml(path, file, text.removeprefix(_BOM), product, [flow(entry) for entry in entries], newline)
        added = _BOM + added if text.startswith(_BOM) else added
    return added


def _yaml(path: Path, file: str, text: str, product: str, lines: list[str], newline: str) -> str:
    documents = yaml_rows.read(path, file)[0] if path.exists() else []
    places = yaml_rows.list_places(text, "assessments")
    mine = [
        place
        for document, place in zip(documents, places, strict=True)
        if isinstance(document.value, dict) and document.value.get("product") == product and place
    ]
    if mine:
        return _added(text, mine[-1], lines, newline)
    if documents:
        raise NotWritten(f"{file}: found no list of assessments of {product}, expected product: {product} in it")
    head = [f"product: {product}", "assessments:", *(f"  - {line}" for line in lines)]
    return _ended(text, newline) + newline.join(head) + newline


def _added(text: str, place: ListPlace, lines: list[str], newline: str) -> str:
    """The text with the lines behind the last item of a list, in the style of the list."""
    if place.items and place.dash is None:
        last, end = place.items[-1]
        column = last - (text.rfind("\n", 0, last) + 1)
        between = f",{newline}{' ' * column}" if "\n" in text[place.start : place.end] else ", "
        return text[:end] + "".join(between + line for line in lines) + text[end:]
    if place.in_flow:
        return f"{text[: place.start].rstrip()} [{', '.join(lines)}]{text[place.end :]}"
    if not place.items:  # `assessments:` alone, or with [] or null, which make way
        text = text[: place.start].rstrip(" ") + text[place.end :]
        end = text.find("\n", place.start - 1)
        at, dash = (len(text), 2) if end < 0 else (end + 1, 2)
    else:
        at, dash = _behind(text, place.end, place.dash), place.dash
    block = "".join(f"{' ' * dash}- {line}{newline}" for line in lines)
    return _ended(text[:at], newline) + block + text[at:]


def _behind(text: str, end: int, dash: int) -> int:
    """The end of a list of dashes: at the end of the text behind its comments, else before those of what follows."""
    if not text[end:].strip():
        return len(text)
    # A deeper line belongs to the last item, even where it looks like a comment.
    lines = text[:end].split("\n")[:-1]
    while lines and (not lines[-1].strip() or re.match(rf" {{0,{dash}}}#", lines[-1])):
        lines.pop()
    return sum(len(line) + 1 for line in lines)


def _ended(text: str, newline: str) -> str:
    """The text with an end to its last line."""
    return text if not text or text.endswith("\n") else text + newline


def _fields(entry: AssessmentEntry) -> dict:
    found = entry.model_dump(mode="json", exclude_none=True)
    if entry.evidence and entry.evidence.kind == "link":
        del found["evidence"]["kind"]  # as it is understood without
    return found


def _in_braces(value: object) -> str:
    if isinstance(value, dict):
        return _IN_FLOW.format(", ".join(f"{key}: {_in_braces(inner)}" for key, inner in value.items()))
    if isinstance(value, list):
        return f"[{', '.join(map(_in_braces, value))}]"
    text = str(value)
    if not isinstance(value, str) or (_PLAIN.fullmatch(text) and text.casefold() not in _OTHER_IN_YAML):
        return text
    return "".join(map(_escaped, json.dumps(text, ensure_ascii=False)))


def _escaped(sign: str) -> str:
    # What cannot be seen is escaped; a Japanese blank can.
    return sign if sign.isprintable() or sign == "\u3000" else f"\\U{ord(sign):08x}"


def _csv(path: Path, file: str, text: str, product: str, entries: list[AssessmentEntry], newline: str) -> str:
    table, _ = csv_rows.table(path, file) if text.strip() else (None, [])
    header = table.header if table else CSV_COLUMNS
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=newline)
    if not table:
        writer.writerow(header)
    for entry in entries:
        cells = _cells(product, entry)
        if cells.get("evidence_kind") == "link" and "evidence_kind" not in header:
            del cells["evidence_kind"]  # as it is understood without
        lacking = [name for name in cells if name not in header]
        if lacking:
            raise NotWritten(f"{file}:1: header: found no column {' and no '.join(lacking)}, expected one to write to")
        writer.writerow(cells.get(name, "") for name in header)
    return _ended(text, newline) + out.getvalue()


def _cells(product: str, entry: AssessmentEntry) -> dict[str, str]:
    """The filled cells of an entry by column."""
    fields = {"product": product, **_fields(entry)}
    evidence = entry.evidence.model_dump(mode="json", exclude_none=True) if entry.evidence else {}
    fields.pop("evidence", None)
    cells = {name: csv_rows.guarded(str(value)) for name, value in fields.items()}
    if entry.items_done is not None:
        cells["items_done"] = ";".join(entry.items_done) or "-"
    return cells | {f"evidence_{name}": csv_rows.guarded(text) for name, text in evidence.items()}


# ---------------------------------------------------------------------------------------------------------- the file


def _restore(path: Path, old: bytes | None) -> None:
    if old is None:
        path.unlink()
    else:
        whole_files.put(path, old)


# ------------------------------------------------------------------------------------------------------- the proof


def _refuse_broken(reading: Reading, file: str) -> None:
    """A file with problems cannot prove that new lines are well; it is to be mended first."""
    problems = [p for p in reading.problems if p.file == file and p.level == "error"]
    if problems:
        raise NotWritten(f"{file} has problems; nothing was written", problems)


def _new_problems(
    before: Reading, after: Reading, product: str, entries: list[AssessmentEntry], file: str
) -> list[Problem]:
    """Errors that were not there before, and a log that is not the old one with the new entries."""
    known = Counter(_without_line(p) for p in before.problems)
    new = []
    for problem in after.problems:
        if problem.level == "error" and not known[_without_line(problem)]:
            new.append(problem)
        known[_without_line(problem)] -= 1
    wanted = Counter(a.record.model_dump_json() for a in before.bundle.assessments)
    wanted += Counter(Assessment(product=product, **dict(entry)).model_dump_json() for entry in entries)
    if not new and wanted != Counter(a.record.model_dump_json() for a in after.bundle.assessments):
        new.append(Problem(file, 1, "assessments", "another log than before", "the old statements and the new ones"))
    return new


def _without_line(problem: Problem) -> tuple:
    return problem.file, problem.field, problem.level, re.sub(r":\d+", "", problem.found), problem.expected
