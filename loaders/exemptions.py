"""`exemptions.yaml` (or `.csv`): practices that somebody said do not apply, until a date."""

from __future__ import annotations

from loaders.reading import Reading
from maturity.records.guide_map import Exemption

CSV_COLUMNS = [
    "product", "practice", "reason_code", "reason_en", "reason_ja", "approver", "granted_on", "expires_on",
    "revoked_on",
]  # fmt: skip


def load(reading: Reading) -> None:
    """Read the exemptions, if there are any."""
    for path, file in reading.files("exemptions.yaml"):
        for found, _ in reading.rows(Exemption, path, file, "exemptions", "exemptions"):
            reading.bundle.exemptions += found
    reading.bundle.exemptions += reading.csv_rows(Exemption, "exemptions.csv", "exemptions", CSV_COLUMNS, _nested)


def _nested(cells: dict) -> dict:
    """Cells of one row -> the shape of an exemption."""
    row = dict(cells)
    row["reason"] = {"en": row.pop("reason_en", None), "ja": row.pop("reason_ja", None)}
    return row
