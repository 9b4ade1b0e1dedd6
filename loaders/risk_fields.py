"""From flat fields of a risk, as columns or front matter hold them, to a record: its numbers, days and words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from loaders import risk_cells, risk_log
from loaders.sheet_columns import key
from maturity.records.problems import Problem, show
from maturity.sources import RISK_WORDS

_MINUTES = ("ettd_min", "ettr_min")
_NUMBERS = ("ettd_min", "ettr_min", "users_affected", "ettf_days")
_RANKS = ("likelihood", "potential_impact", "current_impact")
_NESTED = {
    "detected_by": ("detected", "by"),
    "detected_via": ("detected", "via"),
    "next_action": ("next_action", "text"),
    "next_action_owner": ("next_action", "owner"),
}
_SIMPLE = ("title", "summary", "owner", "team", "url")


@dataclass
class Flat:
    """The fields of one risk, and where each stands. `values` are words of the file for ours, by field."""

    file: str
    line: int
    fields: dict[str, Any]  # field -> text; title, summary and the like may be {en, ja}
    by: str = "unknown"  # who speaks where the file names nobody
    day: str | None = None  # of finding, where the file holds none
    lines: dict[str, int] = field(default_factory=dict)
    values: dict[str, dict[str, str]] | None = None
    formats: list[str] | None = None
    basis: str = "estimated"
    problems: list[Problem] = field(default_factory=list)
    risk: dict[str, Any] = field(default_factory=dict)
    places: dict[tuple, int] = field(default_factory=dict)

    def read(self) -> dict[str, Any] | None:
        """The fields of the record without id, products and source; None, told, where one cannot be read."""
        self._texts()
        self._numbers()
        self._ranks()
        self._put(("category",), self._word("category", "other"), "category")
        self._policy()
        self._cause()
        self._day("detected_at", ("detected", "at"))
        self._next_action()
        self._status()
        self._log()
        return None if any(problem.level == "error" for problem in self.problems) else self.risk

    def tell(self, name: str, found: str, expected: str, level: str = "error") -> None:
        """A problem with one field, on its line."""
        self.problems.append(Problem(self.file, self._line(name), name, found, expected, level))

    def _line(self, name: str) -> int:
        return self.lines.get(name, self.line)

    def _put(self, path: tuple[str, ...], value: Any, name: str) -> None:
        """Set a field of the record, which may lie inside another, and remember its line."""
        if value is None:
            return
        inner = self.risk
        for part in path[:-1]:
            inner = inner.setdefault(part, {})
        inner[path[-1]] = value
        self.places[path] = self._line(name)

    def _text(self, name: str) -> str:
        """A field that is one text; told where it is a list or has fields."""
        value = self.fields.get(name) or ""
        if isinstance(value, str):
            return value.strip()
        self.tell(name, f"a list of {len(value)}" if isinstance(value, list) else "fields", "one value")
        return ""

    def _has(self, name: str) -> bool:
        value = self.fields.get(name)
        return bool(value.strip() if isinstance(value, str) else value)

    def _texts(self) -> None:
        for name in _SIMPLE:
            self._put((name,), self.fields.get(name) or None, name)
        for name, path in _NESTED.items():
            self._put(path, self.fields.get(name) or None, name)
        if "summary" not in self.risk and "title" in self.risk:
            self._put(("summary",), self.risk["title"], "title")

    # ----------------------------------------------------------------------------------------------------- numbers

    def _numbers(self) -> None:
        found = {name: self._number(name) for name in _NUMBERS if self._has(name)}
        if not found:
            return
        lacking = [name for name in _NUMBERS if name not in found]
        if lacking:
            self.tell(lacking[0], "nothing", f"all of {', '.join(_NUMBERS)} (loaded unscored)", "warning")
            return
        for name, value in found.items():
            self._put(("cre", name), value, name)
        self._put(("cre", "basis"), self._word("basis", self.basis), "basis")

    def _number(self, name: str) -> float | None:
        text = self._text(name)
        if not text:
            return None
        if name == "users_affected":
            value, trouble = risk_cells.share(text)
        else:
            what = "minutes" if name in _MINUTES else "days"
            value, trouble = risk_cells.number(text, name == "ettf_days", what)
        if trouble:
            self.tell(name, *trouble)
        return value

    def _ranks(self) -> None:
        found = {name: self._rank(name) for name in _RANKS if self._has(name)}
        if not found:
            return
        lacking = [name for name in _RANKS[:2] if name not in found]
        if lacking:
            self.tell(lacking[0], "nothing", "likelihood and potential_impact (loaded without ranks)", "warning")
            return
        for name, value in ({"current_impact": 0} | found).items():
            self._put(("ranks", name), value, name)

    def _rank(self, name: str) -> int | None:
        text = self._text(name)
        if not text:
            return None
        meant = self._own(name).get(key(text), text)
        value = risk_cells.plain_number(str(meant))
        if value is None or value not in range(6):
            self.tell(name, show(text), f"a whole number from 0 to 5{self._hint(name)}")
            return None
        return int(value)

    # ------------------------------------------------------------------------------------------------ words and days

    def _own(self, name: str) -> dict[str, str]:
        return {key(word): ours for word, ours in (self.values or {}).get(name, {}).items()}

    def _word(self, name: str, default: str | None = None) -> str | None:
        """One of our words, by itself or through `values`."""
        text = self._text(name)
        if not text:
            return default
        word = self._own(name).get(key(text), key(text).replace(" ", "_").replace("-", "_"))
        if word in RISK_WORDS[name]:
            return word
        self.tell(name, show(text), f"one of {', '.join(RISK_WORDS[name])}{self._hint(name)}")
        return None

    def _hint(self, name: str) -> str:
        return "" if self.values is None else f", or an entry for it in values.{name}"

    def _date(self, name: str) -> str | None:
        found, trouble = risk_cells.day(self._text(name), self.formats)
        if trouble:
            self.tell(name, *trouble)
        return found.isoformat() if found else None

    def _day(self, name: str, path: tuple[str, ...]) -> None:
        self._put(path, self._date(name), name)

    # -------------------------------------------------------------------------------------------- what is to be done

    def _policy(self) -> None:
        """A response policy may be a text, one of our strategies, or a word for one."""
        text, strategy = self.fields.get("response_policy") or None, self._word("strategy")
        if isinstance(text, str):
            word = self._own("strategy").get(key(text), key(text))
            strategy = strategy or (word if word in RISK_WORDS["strategy"] else None)
        if text or strategy:
            self._put(("response_policy", "strategy"), strategy or "mitigate", "strategy")
            self._put(("response_policy", "text"), text or strategy, "response_policy")

    def _cause(self) -> None:
        if self.fields.get("cause"):
            self._put(("cause", "text"), self.fields["cause"], "cause")
            self._put(("cause", "confidence"), self._word("cause_confidence", "low"), "cause_confidence")

    def _next_action(self) -> None:
        due = self._date("next_action_due")
        if "text" in self.risk.get("next_action", {}):
            self._put(("next_action", "due"), due, "next_action_due")
        elif due or "next_action" in self.risk:
            self.risk.pop("next_action", None)
            self.tell("next_action", "an owner or a day alone (not loaded)", "what is to be done", "warning")

    def _status(self) -> None:
        status, closed = self._word("status", "new"), self._date("closed_at")
        if status == "accepted" and not self.fields.get("acceptance"):
            self.tell("status", "accepted without approver and last day (loaded as monitoring)", "both", "warning")
            status = "monitoring"
            policy = self.risk.setdefault("response_policy", {"text": self._text("status")})
            policy["strategy"] = "accept"
        self._put(("status",), status, "status")
        if status == "closed" and not self.fields.get("closed"):
            if not closed and self._text("closed_at") == "":
                self.tell("closed_at", "nothing", "the day, because the status is closed")
            reason = self._word("closed_reason", "no_longer_applies")
            evidence = self._text("closed_evidence") or self._text("url") or self.file
            fields = {"at": closed, "by": self.by, "reason": reason, "evidence": evidence}
            for name, value in fields.items():
                self._put(("closed", name), value, "closed_at")
        elif closed:
            self.tell("closed_at", f"a day with status {status} (not loaded)", "status closed", "warning")

    # ------------------------------------------------------------------------------------------------------- the log

    def _log(self) -> None:
        """Dated lines of `log`; what has no day, and `note`, become notes of the day of finding."""
        first = self._line("log")
        step = 1 if "log" in self.lines else 0  # the lines of a cell are not told apart
        text = self.fields["log"] if self._text("log") else ""
        found, undated = risk_log.entries((first + i * step, part) for i, part in enumerate(text.split("\n")))
        made = [(entry.line, entry.fields(self.by)) for entry in found]
        if undated:
            line, text = undated[0]
            told = f"{show(text)} without day or text ({len(undated)} of them; loaded as a note of the day of finding)"
            self.problems.append(Problem(self.file, line, "log", told, "2026-03-12 who: what", "warning"))
        day = self.risk.get("detected", {}).get("at") or self.day
        notes = [(line, text) for line, text in undated] + [(self._line("note"), self._text("note"))]
        for line, text in notes if day else ():
            if text:
                fields = {"at": day, "by": self.by, "kind": "note", "text": " ".join(text.split())}
                made.append((line, fields))
        if made:
            made.sort(key=lambda entry: entry[1]["at"])
            self.risk["log"] = [entry for _, entry in made]
            self.places |= {("log", i): line for i, (line, _) in enumerate(made)}
