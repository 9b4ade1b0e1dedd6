"""A risk assessment as CISO Assistant exports it, as risks. See docs/formats/risk-files.md."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from loaders import csv_files, csv_rows, risk_cells
from loaders.mapping import sources_of
from loaders.reading import Reading
from loaders.risk_register import Register
from loaders.sheet_columns import key
from maturity.records.problems import Problem, show
from maturity.sources import CisoAssistantSource

# Treatment -> status and strategy. Who accepted and until when is not in the file, so nothing is loaded as accepted.
_TREATMENTS = {
    "open": ("new", None),
    "mitigate": ("mitigating", "mitigate"),
    "accept": ("monitoring", "accept"),
    "avoid": ("planned", "avoid"),
    "transfer": ("planned", "transfer"),
    "cancelled": ("closed", None),
}
_NAMES = {
    "name": ["name"],
    "ref_id": ["ref_id"],
    "description": ["description"],
    "likelihood": ["current_proba", "current_probability", "current_likelihood"],
    "impact": ["current_impact"],
    "treatment": ["treatment"],
    "assets": ["assets"],
    "threats": ["threats"],
    "existing": ["existing_applied_controls", "existing_controls"],
    "additional": ["additional_controls", "additional_applied_controls"],
}
_UNRATED = {"", "-", "--", "—", "n/a"}


def load(reading: Reading) -> None:
    """Read the files of every CISO Assistant source."""
    for source in sources_of(reading, "ciso-assistant"):
        register = Register.of(reading, source)
        if register is None or not register.has_day("an export of CISO Assistant"):
            continue
        for path, file in csv_files.files(reading, source):
            rows = register.rows(path, file)
            places = _places(register, file, rows[0]) if rows else None
            if not places:
                continue
            export, header = _Export(register, file), rows[0][1]
            taken = 0
            for line, cells in rows[1:]:
                wrong = csv_rows.length(file, line, header, cells)
                register.tell(*wrong)
                row = {name: csv_rows.plain(cells[at]) or "" for name, at in places.items() if not wrong}
                taken += bool(row) and export.add(row, line)
            export.tell()
            reading.note(path, file, "risks", len(rows) - 1, taken)
        register.close()


def _places(register: Register, file: str, row: tuple[int, list[str]]) -> dict[str, int] | None:
    """Field -> place of its column; None, told once, where it is no such export."""
    line, header = row
    names = [key(name) for name in header]
    source = register.source.record
    places = {what: names.index(n) for what, known in _NAMES.items() for n in known if n in names}
    twice = sorted({name for known in _NAMES.values() for name in known if names.count(name) > 1})
    if "name" in places and {"treatment", "likelihood"} & places.keys() and not twice:
        register.tell(*csv_rows.blanks(file, line, (header[place] for place in sorted(set(places.values())))))
        return places
    found = f"{show(twice[0])} in two columns" if twice else show(", ".join(filter(None, names)))
    expected = (
        f"ref_id, name, description, current_impact, current_proba, treatment, each once, split by {source.delimiter!r}"
    )
    register.tell(Problem(file, line, "header", found, expected))
    return None


@dataclass
class _Export:
    """Turns the rows of one file into risks."""

    register: Register
    file: str
    _unknown: dict[str, list[int]] = field(default_factory=dict)  # level -> lines
    _accepted: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._source: CisoAssistantSource = self.register.source.record
        self._levels = {key(word): rank for word, rank in self._source.levels.items()}

    def add(self, row: dict[str, str], line: int) -> bool:
        """True where the row was taken."""
        name = " ".join(row["name"].split())
        treatment = key(row.get("treatment", "")) or "open"
        if not name or treatment not in _TREATMENTS:
            found = (
                ("name", None, "a name") if not name else ("treatment", treatment, f"one of {', '.join(_TREATMENTS)}")
            )
            self.register.tell(Problem(self.file, line, found[0], show(found[1]), found[2]))
            return False
        products = self._products(row.get("assets", ""), line)
        status, strategy = _TREATMENTS[treatment]
        source_id = row.get("ref_id") or name
        risk: dict[str, Any] = {
            "products": products,
            "title": name,
            "summary": row.get("description") or name,
            "status": status,
            "log": self._notes(row, strategy),
        }
        additional = "; ".join(risk_cells.parts(row.get("additional", "")))
        if strategy:
            risk["response_policy"] = {"strategy": strategy, "text": additional or row["treatment"]}
        if status == "closed":
            evidence = f"{self._source.id} {source_id}: {row['treatment']}"
            risk["closed"] = self._signed({"reason": "no_longer_applies", "evidence": evidence})
        if ranks := self._ranks(row, line):
            risk["ranks"] = ranks
        self._accepted += [line] if strategy == "accept" and products else []
        return bool(products) and self.register.add(risk, source_id, self.file, line)

    def _signed(self, fields: dict[str, Any]) -> dict[str, Any]:
        return {"at": self._source.detected_on.isoformat(), "by": self._source.id, **fields}

    def _products(self, assets: str, line: int) -> list[str]:
        if self._source.product:
            return [self._source.product]
        words = risk_cells.parts(assets, self.register.mapping.knows_product) or [""]
        found = [product for word in words for product in self.register.product(word, self.file, line)]
        return list(dict.fromkeys(found))

    def _notes(self, row: dict[str, str], strategy: str | None) -> list[dict[str, Any]]:
        """Lists that no field of ours holds, each as a note under the name it has there."""
        kept = ["threats", "existing"]
        kept += ["assets"] if self._source.product else []
        kept += [] if strategy else ["additional"]
        texts = [(_NAMES[name][0], "; ".join(risk_cells.parts(row.get(name, "")))) for name in kept]
        return [self._signed({"kind": "note", "text": f"{name}: {text}"}) for name, text in texts if text]

    def _ranks(self, row: dict[str, str], line: int) -> dict[str, int] | None:
        """Both ranks, or none: a record without them is unscored, which is not the lowest rank."""
        ranks: dict[str, int] = {"current_impact": 0}
        for name, ours in (("likelihood", "likelihood"), ("impact", "potential_impact")):
            word = row.get(name, "")
            if key(word) in _UNRATED:
                continue
            rank = self._levels.get(key(word), int(word) if word in ("1", "2", "3", "4", "5") else None)
            if rank is None:
                self._unknown.setdefault(word, []).append(line)
            else:
                ranks[ours] = rank
        return ranks if len(ranks) == 3 else None

    def tell(self) -> None:
        """Levels that no word explains, and what the file calls accepted; each once a file."""
        for word, lines in self._unknown.items():
            found = f"{show(word)}, a level without a rank ({len(lines)} of them; loaded without ranks)"
            expected = f"an entry in levels: of source {self._source.id}, such as {{{word}: 3}}"
            self.register.tell(Problem(self.file, lines[0], "level", found, expected, "warning"))
        if self._accepted:
            found = f"accept without approver and last day ({len(self._accepted)} of them; loaded as monitoring)"
            self.register.tell(
                Problem(self.file, self._accepted[0], "treatment", found, "an acceptance with both", "warning")
            )
