"""The CSV bundle: stable headers, UTF-8 with BOM so that a spreadsheet shows Japanese, and safe from formulas."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pandas as pd

from maturity.records.forms import FORMULA_SIGNS

# File -> question. The headers are public: documented in docs/export.md, changed only with a line in CHANGELOG.
FILES = {
    "practice_state.csv": "export_practice_state",
    "product_level.csv": "export_product_level",
    "regressions.csv": "export_regressions",
    "risk_rank.csv": "export_risk_rank",
    "slo_status.csv": "export_slo_status",
    # Input again: put into assessments/ and beside products.yaml, these two reload unchanged.
    "assessments.csv": "export_assessments",
    "exemptions.csv": "export_exemptions",
    # Input again in risks/ and incidents/.
    "risks.csv": "export_risks",
    "incidents.csv": "export_incidents",
}
# What a review was shown; a frozen month holds these.
REVIEW_FILES = {
    "agenda.csv": "export_agenda",
    "one_list.csv": "export_one_list",
    "changes.csv": "export_changes",
    "figures.csv": "export_figures",
}
_BY_MONTH = {"practice_state.csv", "product_level.csv", "regressions.csv", "slo_status.csv"}


def bundle(query: Callable[..., pd.DataFrame], month: str | None = None) -> dict[str, pd.DataFrame]:
    """File -> table of the bundle, as `query` (that of a snapshot) answers; `month` narrows those that have one."""
    return {
        name: query(question, month=month) if name in _BY_MONTH else query(question)
        for name, question in (FILES | REVIEW_FILES).items()
    }


def to_csv(frame: pd.DataFrame) -> bytes:
    """A table as CSV bytes. Empty cells are no data; lists are joined by semicolons; dates are ISO."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(frame.columns)
    for row in frame.itertuples(index=False):
        writer.writerow([_cell(value) for value in row])
    return out.getvalue().encode("utf-8-sig")


def _cell(value: object) -> str:
    if isinstance(value, list | tuple) or hasattr(value, "tolist"):
        items = value.tolist() if hasattr(value, "tolist") else value
        if not isinstance(items, list | tuple):
            return _cell(items)
        texts = [str(item) for item in items]
        return _safe(json.dumps(texts, ensure_ascii=False) if any(";" in one for one in texts) else ";".join(texts))
    if value is None or pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if value == value.normalize() else value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        # Sums over several threads differ in their last bits; two builds of the same files shall give the same table.
        return repr(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(f"{value:.12g}"))
    return _safe(str(value))


def _safe(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run. Loaders take one off again, so it is reversible."""
    return f"'{text}" if text.lstrip("'")[:1] in FORMULA_SIGNS and text.lstrip("'") else text
