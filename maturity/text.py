"""Every word on the screen, in English and Japanese. Keys are paths such as `risks.title`."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from functools import cache
from pathlib import Path
from string import Formatter

import yaml

LANGUAGES = {"en": "English", "ja": "日本語"}
NONE = "–"  # no value
_MINUS = "\u2212"  # as wide as a plus, and no line ends behind it as behind a hyphen
_FOLDER = Path(__file__).parent / "text"


@cache
def words(language: str) -> dict[str, str]:
    """All texts of a language, by key."""
    nested = yaml.load((_FOLDER / f"{language}.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return dict(_flat(nested, ()))


def _flat(value, path: tuple):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, (*path, str(key)))
    else:
        yield ".".join(path), str(value)


# What Markdown, and Streamlit's additions to it, make something of; a colon only before a name and another colon or a
# bracket, and a line of nothing but = or - because it makes a heading of the line above.
_MARKUP = re.compile(r"[\\`*_\[\]<>#~$|]|&(?=#?\w+;)|:(?=[a-z][\w/+-]*[:\[])|^[=-](?=[=-]*\s*$)", re.MULTILINE)
_ADDRESS = re.compile(r"(https?://[^\s<>]+)")


def literal(written: str) -> str:
    """A text of an input file for where Markdown is read: it stands there as it was written.

    Nobody who writes that something costs `$5k now, $9k later` means mathematics, and a picture in a text of a tracker
    would be fetched from another machine. Addresses stay links, and lines that begin with a dash or a number lists.
    """
    parts = _ADDRESS.split(written)
    return "".join(part if i % 2 else _MARKUP.sub(r"\\\g<0>", part) for i, part in enumerate(parts))


def say(language: str, key: str, **values: object) -> str:
    """The text of a key, with its {values} filled in."""
    text = words(language)[key]
    return _FILLED.vformat(text, (), values) if values else text


class _Filled(Formatter):
    """Fills values into a text; `{n:day|days}` is the word for one, or for any other number."""

    def format_field(self, value: object, spec: str) -> str:
        if "|" not in spec:
            return super().format_field(value, spec)
        one, many = spec.split("|")
        return one if str(value) == "1" else many


_FILLED = _Filled()


@cache
def worked_numbers() -> dict[str, dict[str, object]]:
    """Numbers of each figure's worked example, from the sample; `make docs` writes them."""
    return yaml.safe_load((_FOLDER / "worked.yaml").read_text(encoding="utf-8"))


def worked(language: str, figure: str) -> str:
    """The worked example of a figure in words; sums that can be done again stand in backticks."""
    return say(language, f"figure_worked.{figure}", **worked_numbers()[figure])


def preferred(locale: str | None) -> str:
    """The language for a browser's locale: Japanese for ja and ja-JP, else English."""
    return "ja" if (locale or "").lower().split("-")[0] == "ja" else "en"


def month(language: str, value: str) -> str:
    """`2026-09` as people write it."""
    first = dt.date.fromisoformat(f"{value}-01")
    return f"{first.year}年{first.month}月" if language == "ja" else f"{first:%B %Y}"


def month_short(language: str, value: str, with_year: bool) -> str:
    """`2026-09` for the narrow columns of a picture; the year goes on a second line."""
    first = dt.date.fromisoformat(f"{value}-01")
    name = f"{first.month}月" if language == "ja" else f"{first:%b}"
    return f"{name}\n{first.year}" if with_year else name


def day(value: dt.date | None) -> str:
    """A day; no value is a dash."""
    return NONE if value is None or value != value else f"{value:%Y-%m-%d}"


def moment(value: dt.datetime | None) -> str:
    """A time to the minute; no value is a dash."""
    return NONE if value is None or value != value else f"{value:%Y-%m-%d %H:%M}"


def folded(words: str) -> str:
    """Words as they are compared: compatible form and no case, so that ＡＰＩ finds api."""
    return unicodedata.normalize("NFKC", words).casefold().strip()


def percent(value: float | None, digits: int = 0) -> str:
    """A ratio as per cent; no value is a dash, never 0."""
    if value is None or value != value:
        return NONE
    if 0 < abs(value) < 0.5 * 10 ** (-digits - 2):
        return f"<{10**-digits:g}%" if value > 0 else f">{_MINUS}{10**-digits:g}%"
    return f"{_settled(value) * 100 + 0.0:,.{digits}f}%".replace("-", _MINUS)


def chance(value: float | None) -> str:
    """A simulated chance as per cent: what never happened in the simulated years is rare, not impossible."""
    return percent(max(value, 1e-6) if value is not None and value == value else None)


def spread(middle: float | None, low: float | None, high: float | None) -> list[str]:
    """A ratio as per cent, and below it its interval where it has one: 40.0%, (23%–75%)."""
    shown = percent(middle, 1)
    known = low is not None and low == low and low != high
    return [shown, f"({percent(low)}–{percent(high)})"] if known else [shown]


def minutes(language: str, value: float | None, digits: int = 1) -> str:
    """A length in minutes."""
    if value is None or value != value:
        return NONE
    shown = number(value, digits)
    return f"{shown}分" if language == "ja" else f"{shown} min"


def number(value: float | None, digits: int = 0) -> str:
    """A plain number; no value is a dash."""
    return NONE if value is None or value != value else f"{_settled(value):,.{digits}f}".replace("-", _MINUS)


def change(value: float) -> str:
    """A whole number that is added or taken away, with its sign; nothing is 0."""
    return f"{value:+.0f}".replace("-", _MINUS) if value else "0"


def _settled(value: float) -> float:
    """A number to twelve digits, as a frozen review keeps it: behind that stands the order in which it was added up."""
    return float(f"{value:.12g}")


def target(value: float | None) -> str:
    """A target as it is spoken of: 0.999 is 99.9%."""
    return NONE if value is None or value != value else f"{float(value) * 100:.6f}".rstrip("0").rstrip(".") + "%"
