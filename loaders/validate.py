"""Plain values -> records: every field that does not fit becomes a `Problem` with its line."""

from __future__ import annotations

import difflib
from collections import defaultdict
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from loaders.yaml_rows import Document
from maturity.records.forms import ID_PATTERN, Text
from maturity.records.problems import Loaded, Problem, show

R = TypeVar("R", bound=BaseModel)

_EXPECTED = {
    "missing": "a value",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "decimal_parsing": "a number",
    "decimal_type": "a number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "string_type": "a text",
    "string_too_short": "a text that is not empty",
    "list_type": "a list",
    "dict_type": "fields with values",
    "model_type": "fields with values",
    "model_attributes_type": "fields with values",
}
_DATE = "a date such as 2026-09-30"
_TIME = "a time such as 2026-09-30T10:00:00Z"


def record(
    model: type[R], value: Any, document: Document, path: tuple = (), **given: Any
) -> tuple[Loaded[R] | None, list[Problem]]:
    """Validate the value at `path` of a document. `given` are fields that the file says elsewhere (its product, say).

    Returns the record with its lines, or None and every problem in it.
    """
    lines = {key[len(path) :]: line for key, line in document.lines.items() if key[: len(path)] == path}
    return _record(model, value, document.file, document.lines.get(path, document.line), lines, given)


def _record(
    model: type[R], value: Any, file: str, line: int, lines: dict[tuple, int], given: dict[str, Any]
) -> tuple[Loaded[R] | None, list[Problem]]:
    try:
        made = model.model_validate({**value, **given} if isinstance(value, dict) else value)
    except ValidationError as error:
        return None, [_problem(model, detail, file, line, lines) for detail in error.errors()]
    return Loaded(made, file, line, lines), []


def rows(
    model: type[R], values: Any, document: Document, path: tuple, **given: Any
) -> tuple[list[Loaded[R]], list[Problem]]:
    """Validate each item of the list at `path`; good items are kept when others are not."""
    if not isinstance(values, list):
        line = document.lines.get(path, document.line)
        return [], [Problem(document.file, line, ".".join(map(str, path)), show(values), "a list")]
    # Looking through all lines for each item would take the square of their number.
    depth, lines = len(path), defaultdict(dict)
    for key, line in document.lines.items():
        if len(key) > depth and key[:depth] == path:
            lines[key[depth]][key[depth + 1 :]] = line
    found, problems = [], []
    for i, value in enumerate(values):
        at = lines[i].get((), document.line)
        loaded, trouble = _record(model, value, document.file, at, lines[i], given)
        found += [loaded] if loaded else []
        problems += trouble
    return found, problems


def unknown_keys(document: Document, known: set[str], path: tuple = ()) -> list[Problem]:
    """A problem for every key of the mapping at the top of a document that nobody reads."""
    if not isinstance(document.value, dict):
        return [
            Problem(document.file, document.line, "file", _shown(document.value), f"fields: {', '.join(sorted(known))}")
        ]
    return [
        Problem(document.file, document.lines[(*path, key)], key, "an unknown field", one_of(key, known))
        for key in document.value
        if key not in known
    ]


def _problem(model: type[BaseModel], detail: ErrorDetails, file: str, line: int, lines: dict[tuple, int]) -> Problem:
    # pydantic adds union branches and validator names to the location; they are not in the file.
    path = tuple(part for part in detail["loc"] if not (isinstance(part, str) and "[" in part))
    where = path
    while where and where not in lines:
        where = where[:-1]
    kind, given = detail["type"], detail["input"]
    found = "nothing" if kind == "missing" else _shown(given)
    expected = _expected(model, detail, path)
    if kind == "extra_forbidden":
        found = "an unknown field"
    if kind == "value_error" and "|" in detail["msg"]:
        found, expected = detail["msg"].removeprefix("Value error, found ").split("|", 1)
    return Problem(file, lines.get(where, line), ".".join(map(str, path)) or "record", found, expected)


def _shown(given: Any) -> str:
    if isinstance(given, dict):
        return f"fields ({', '.join(map(str, list(given)[:4]))})"
    if isinstance(given, list):
        return f"a list of {len(given)}"
    return show(given)


def _expected(model: type[BaseModel], detail: ErrorDetails, path: tuple) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "model_type" and context["class_name"] == Text.__name__:
        return "a text, or the same text in en and ja"
    if kind in _EXPECTED:
        return _EXPECTED[kind]
    if kind == "extra_forbidden":
        return one_of(str(path[-1]), _fields_at(model, path[:-1]))
    if kind == "literal_error":
        return (
            context["expected"]
            if " or " not in context["expected"]
            else f"one of {context['expected'].replace(' or ', ', ')}"
        )
    if kind in ("decimal_whole_digits", "decimal_max_digits", "decimal_max_places"):
        return "a ratio such as 0.999, of at most 8 digits behind the point"
    if kind == "string_pattern_mismatch":
        such = " or ".join(_examples(model, path)) or context["pattern"]
        return f"a text such as {such}" + (" (letters, digits, . _ -)" if context["pattern"] == ID_PATTERN else "")
    if kind.startswith("datetime"):
        return _TIME
    if kind.startswith("date"):
        return _DATE
    for name, word in (("gt", "above"), ("ge", "at least"), ("lt", "below"), ("le", "at most")):
        if name in context:
            return f"a number {word} {context[name]:g}"
    if kind in ("too_short", "too_long"):
        bound = context.get("min_length", context.get("max_length"))
        return f"at {'least' if kind == 'too_short' else 'most'} {bound} item{'s' if bound > 1 else ''}"
    return detail["msg"][0].lower() + detail["msg"][1:]


def _fields_at(model: type[BaseModel], path: tuple) -> set[str]:
    """Names of the fields that the model allows at a path inside it."""
    return set(_schema_at(model, path).get("properties", {}))


def _examples(model: type[BaseModel], path: tuple) -> list[str]:
    """What the model shows as good values of the field at a path inside it."""
    here = _schema_at(model, path)
    return next((s["examples"] for s in (here, *here.get("anyOf", [])) if "examples" in s), [])


def _schema_at(model: type[BaseModel], path: tuple) -> dict:
    schema = model.model_json_schema()
    definitions, here = schema.get("$defs", {}), schema
    for part in path:
        here = _resolve(here, definitions)
        here = here.get("items", {}) if isinstance(part, int) else here.get("properties", {}).get(part, {})
    return _resolve(here, definitions)


def _resolve(schema: dict, definitions: dict) -> dict:
    for branch in schema.get("anyOf", []):
        resolved = _resolve(branch, definitions)
        if "properties" in resolved or "items" in resolved:
            return resolved
    if "$ref" in schema:
        return _resolve(definitions[schema["$ref"].rsplit("/", 1)[-1]], definitions)
    return schema


def one_of(key: str, known: set[str]) -> str:
    """The known name that is meant, or all of them."""
    near = difflib.get_close_matches(key, known, n=1)
    return f"{near[0]} (did you mean it?)" if near else f"one of {', '.join(sorted(known))}"
