"""From the rows of one sheet to statements: one a row of a long file, one an answer of a submission."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from loaders.csv_rows import plain
from loaders.mapping import Mapping
from loaders.sheet_cells import Answers, day_of, is_ambiguous
from loaders.sheet_columns import ANSWERS, Columns, Words, key
from maturity.records.problems import Problem, show
from maturity.sources import SheetSource

_EVIDENCE = {"evidence_url": "url", "evidence_kind": "kind", "evidence_on": "on", "evidence_reviewer": "reviewer"}

Cells = dict[tuple[str, str | None], str]  # (field, practice or None for the whole row) -> text


@dataclass(frozen=True)
class Statement:
    """What one row says of one practice, in the fields of an assessment."""

    fields: dict[str, Any]
    file: str
    line: int

    @property
    def about(self) -> tuple:
        """What may be said once: a product, a practice and a day, and the row that is corrected, if any."""
        return tuple(self.fields.get(name) for name in ("product", "practice", "assessed_on", "corrects"))


@dataclass
class Rows:
    """Reads the rows of one file. `asked` counts the answers that hold anything, told or loaded."""

    source: SheetSource
    words: Words
    mapping: Mapping
    columns: Columns
    file: str
    statements: list[Statement] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    asked: int = 0
    _undated: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._answers = Answers(self.source, self.words, self.mapping)

    def read(self, line: int, row: list[str]) -> None:
        """Add the statements of one row, and what is wrong with it."""
        cells = [plain(cell) or "" for cell in row]
        values = self._values(cells, line)
        if any(self.mapping.ignored(values.get((name, None), "")) for name in ("product", "practice")):
            return
        said = dict.fromkeys(c.practice for c in self.columns.found if c.field in ANSWERS and cells[c.at])
        self._lonely(values, said, line)
        self.asked += len(said)
        top = self._top(values, line) if said else None
        for practice in said if top else ():
            ours = practice or self._practice(values, line)
            answer = self._answer(cells, values, practice, ours, line) if ours else None
            if answer == {}:
                self.asked -= 1  # an answer that is to be ignored
            elif answer:
                fields = {**top, "practice": ours, **self._details(values, practice), **answer}
                self.statements.append(Statement(fields, self.file, line))

    def tell_of_days(self) -> None:
        """Days that could not be read: each one; those that only lack a format once, with how many there are."""
        forms = self.source.date_formats
        unclear = [cell for cell in self._undated if is_ambiguous(cell[1]) and not forms]
        for line, text in self._undated:
            if (line, text) not in unclear:
                expected = f"a date such as 2026-09-30{' or as ' + ', '.join(forms) if forms else ''}"
                self._tell(line, "assessed_on", show(text or None), expected)
        if unclear:
            more = f" and {len(unclear) - 1} more like it" if len(unclear) > 1 else ""
            expected = f"date_formats: in source {self.source.id}, such as ['%m/%d/%Y'] or ['%d/%m/%Y']"
            self._tell(unclear[0][0], "assessed_on", f"{show(unclear[0][1])}{more}", expected)

    def _tell(self, line: int, what: str, found: str, expected: str, level: str = "error") -> None:
        self.problems.append(Problem(self.file, line, what, found, expected, level))

    def _values(self, cells: list[str], line: int) -> Cells:
        """The cells of a row by field. Where two columns hold one field, at most one of them may be filled."""
        values: Cells = {}
        for column in self.columns.found:
            at, text = (column.field, column.practice), cells[column.at]
            if text and not column.item and values.setdefault(at, text) != text:
                found = f"{show(values[at])} and {show(text)} in two columns (the first counts)"
                self._tell(line, " ".join(filter(None, at)), found, "one of them", "warning")
        return values

    def _lonely(self, values: Cells, said: dict[str | None, None], line: int) -> None:
        """Notes and evidence that belong to no answer are not loaded."""
        for (name, practice), text in values.items():
            alone = practice not in said if practice else self.columns.long and not said
            if alone and name in ("note", "evidence_url"):
                found = f"{show(text)} without an answer (not loaded)"
                self._tell(line, f"{name} {practice}" if practice else name, found, "an answer beside it", "warning")

    # ------------------------------------------------------------------------------------------------- who and when

    def _top(self, values: Cells, line: int) -> dict[str, Any] | None:
        """What all statements of a row share; None, told, where it cannot be read."""
        word = values.get(("product", None))
        product = self._product(word, line) if word else self.source.product
        if not word and not product:
            self._tell(line, "product", "nothing", "a product's id or name")
        text = values.get(("assessed_on", None), "")
        day = day_of(text, self.source.date_formats)
        if day is None:
            self._undated.append((line, text))
        assessor = values.get(("assessor", None)) or self.source.assessor
        if not assessor:
            self._tell(line, "assessor", "nothing", "who says it")
        if not (product and day and assessor):
            return None
        top = {"product": product, "assessed_on": day.isoformat(), "assessor": assessor}
        top |= {name: values[name, None] for name in ("id", "corrects") if (name, None) in values}
        confirmed = values.get(("confirmed_on", None))
        return top | ({"confirmed_on": self._iso(confirmed)} if confirmed else {})

    def _product(self, word: str, line: int) -> str | None:
        return self.words.products.get(key(word)) or self.mapping.product(word, self.file, line)

    def _practice(self, values: Cells, line: int) -> str | None:
        word = values.get(("practice", None))
        if not word:
            self._tell(line, "practice", "nothing", "a practice's id or name")
            return None
        ours = self.words.practices.get(key(word)) or self.mapping.practice(word, self.file, line)
        return ours if ours in self.words.items else None

    def _iso(self, text: str) -> str:
        """A day in the form of our files; what is none stays as it stands, for the record to refuse."""
        day = day_of(text, self.source.date_formats)
        return day.isoformat() if day else text

    # ------------------------------------------------------------------------------------------------------- what

    def _answer(
        self, cells: list[str], values: Cells, practice: str | None, ours: str, line: int
    ) -> dict[str, Any] | None:
        """What a row says of a practice: {} where it is to be ignored, None where it cannot be read."""
        answer = self._said(cells, practice, ours, line)
        done = self._items(cells, practice, ours, line)
        if answer is None or None in done.values():
            return None
        if done:
            answer["items_done"] = [item for item, yes in done.items() if yes]
        provider = values.get(("provider", practice)) or values.get(("provider", None))
        if provider and "provider" not in answer and (self.columns.long or answer.get("state") == "inherited"):
            answer["provider"] = self._product(provider, line)
            return answer if answer["provider"] else None
        return answer

    def _said(self, cells: list[str], practice: str | None, ours: str, line: int) -> dict[str, Any] | None:
        """The answer of the columns that hold one; of two of the same field the first that is filled."""
        said: dict[str, Any] = {}
        read: set[str] = set()
        for column in self.columns.found:
            mine = column.field in ANSWERS and column.practice == practice and not column.item
            if not mine or not cells[column.at] or column.field in read:
                continue
            read.add(column.field)
            found = self._answers.read(column, ours, cells[column.at], self.file, line)
            if found is None:
                return None
            said |= found
        return said

    def _items(self, cells: list[str], practice: str | None, ours: str, line: int) -> dict[str, bool | None]:
        """Done or not of each item that has a question of its own and an answer to it."""
        mine = [c for c in self.columns.found if c.item and c.practice == practice and cells[c.at]]
        return {c.item: self._answers.done(cells[c.at], ours, self.file, line) for c in mine}

    def _details(self, values: Cells, practice: str | None) -> dict[str, Any]:
        """Note and evidence: those of the practice, else those of the whole row."""

        def of(name: str) -> str | None:
            return values.get((name, practice)) or values.get((name, None))

        evidence = {inner: text for name, inner in _EVIDENCE.items() if (text := of(name))}
        if "on" in evidence:
            evidence["on"] = self._iso(evidence["on"])
        found = {"note": of("note"), "evidence": evidence}
        return {name: value for name, value in found.items() if value}


def last_of_each(statements: list[Statement]) -> tuple[list[Statement], list[Problem]]:
    """Of several statements about one practice of a product on one day the last one; the others are told."""
    last = {statement.about: statement for statement in statements}
    again: dict[tuple[str, str, str], list[tuple[Statement, Statement]]] = {}
    for statement in statements:
        kept = last[statement.about]
        if kept is not statement:
            content = "the same content" if kept.fields == statement.fields else "other content"
            again.setdefault((statement.file, kept.file, content), []).append((statement, kept))
    return list(last.values()), list(_told(again))


def _told(again: dict[tuple[str, str, str], list[tuple[Statement, Statement]]]) -> Iterator[Problem]:
    for (_, file, content), pairs in again.items():
        first, kept = pairs[0]
        count = "1 answer" if len(pairs) == 1 else f"{len(pairs)} answers"
        such = f"{first.fields['product']} {first.fields['practice']}, first at {first.file}:{first.line}"
        found = f"{count} of the same product, practice and day again with {content} ({such})"
        yield Problem(file, kept.line, "row", found, "each once (the later row counts)", "warning")
