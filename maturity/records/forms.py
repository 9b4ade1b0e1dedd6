"""How single values are written: ids, days, instants, words in two languages; and the base of every record."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from maturity.records.problems import show

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$"
MONTH_PATTERN = r"^\d{4}-(0[1-9]|1[0-2])$"
Id = Annotated[
    str,
    Field(
        pattern=ID_PATTERN,
        examples=["askhub", "res-02"],
        description="Stable identifier; never shown where a name exists.",
    ),
]
Share = Annotated[float, Field(ge=0, le=1)]
# What is larger than this is no estimate: 190 years in minutes.
MOST = 10**8
Minutes = Annotated[float, Field(ge=0, le=MOST)]
# Tables count in 64 bits, and days are added to dates: what is larger is a slip of the keyboard, told with its line.
Whole = Annotated[int, Field(le=10**12)]
Days = Annotated[int, Field(le=36_525)]
# Further away, windows of days begin before the calendar or end behind it.
YEARS = range(1970, 3000)
# A spreadsheet runs a cell that begins with one: our CSV puts an apostrophe before it, our readers take it off again.
FORMULA_SIGNS = tuple("=+-@＝＋－＠\t\r")


def _written_out(value: Any) -> Any:
    # pydantic takes 20260910 for seconds since 1970.
    if isinstance(value, str) and value.strip().lstrip("+-").replace(".", "", 1).isdigit():
        raise ValueError(f"found {show(value)}|a time such as 2026-09-30T10:00:00Z")
    return value


def _of_our_time(value: dt.datetime) -> dt.datetime:
    if value.year not in YEARS:
        raise ValueError(f"found {value}|a time of the years 1970 to 2999")
    return value


def _day_written_out(value: Any) -> Any:
    # pydantic takes 1767225600, and 0, for the day of so many seconds since 1970.
    if isinstance(value, str) and value.strip().lstrip("+-").replace(".", "", 1).isdigit():
        raise ValueError(f"found {show(value)}|a date such as 2026-09-30")
    return value


Day = Annotated[dt.date, BeforeValidator(_day_written_out)]
Instant = Annotated[dt.datetime, BeforeValidator(_written_out), AfterValidator(_of_our_time)]


class Record(BaseModel):
    """Base of everything that is read from a file: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, allow_inf_nan=False)


class Text(Record):
    """The same text in English and Japanese."""

    en: str = Field(min_length=1)
    ja: str = Field(min_length=1)


def _same_in_both(value: Any) -> Any:
    return {"en": value, "ja": value} if isinstance(value, str) else value


# A name such as "Askhub" is the same word in both languages, so a plain string is accepted and used for both.
Words = Annotated[Text, BeforeValidator(_same_in_both, json_schema_input_type=str | Text)]


class BothLists(Record):
    """The same list of sentences in English and Japanese."""

    en: list[str]
    ja: list[str]

    @model_validator(mode="after")
    def _same_length(self) -> BothLists:
        if len(self.en) != len(self.ja):
            raise ValueError(f"found {len(self.en)} in en and {len(self.ja)} in ja|the same number in both languages")
        return self


def _list_in_both(value: Any) -> Any:
    return {"en": value, "ja": value} if isinstance(value, list) else value


# A company that writes in one language gives a plain list, which is used for both.
TextList = Annotated[BothLists, BeforeValidator(_list_in_both, json_schema_input_type=list[str] | BothLists)]


def in_utc(at: dt.datetime | None) -> dt.datetime | None:
    """An instant as UTC without a zone; one without a zone is UTC already."""
    return at.astimezone(dt.UTC).replace(tzinfo=None) if at and at.tzinfo else at
