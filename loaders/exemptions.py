"""`exemptions.yaml` (or `.csv`): practices that somebody said do not apply, until a date."""

from __future__ import annotations

from loaders import csv_rows, validate
from loaders.reading import Reading
from maturity.records import Exemption

CSV_COLUMNS = [
    "product", "practice", "reason_code", "reason_en", "reason_ja", "approver", "granted_on", "expires_on",
    "revoked_on",
]  # fmt: skip


def load(reading: Reading) -> None:
    """Read the exemptions, if there are any."""
    for path, file in reading.files("exemptions.yaml"):
        for found, _ in reading.rows(Exemption, path, file, "exemptions", "exemptions"):
            reading.bundle.exemptions += found
    for path, file in reading.files("exemptions.csv"):
        documents, problems = csv_rows.read(path, file, set(CSV_COLUMNS))
        reading.problems += problems
        accepted = 0
        for document in documents:
            row = dict(document.value)
            row["reason"] = {"en": row.pop("reason_en", None), "ja": row.pop("reason_ja", None)}
            document.value = row
            loaded, trouble = validate.record(Exemption, row, document)
            reading.bundle.exemptions += [loaded] if loaded else []
            reading.problems += csv_rows.in_columns(trouble, CSV_COLUMNS)
            accepted += bool(loaded)
        reading.note(path, file, "exemptions", len(documents), accepted)
