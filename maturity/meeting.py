"""The screen of a meeting: what `meeting.js` needs to run an agenda by itself, all of it words and numbers.

The whole agenda is sent once, so that next and back wait for no server, and a clock runs through a lost connection.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from maturity import text
from maturity.agenda import SECTIONS, Agenda, Item

_WORDS = "meeting.screen."


def drawing(
    agenda: Agenda,
    minutes: float,
    minutes_each: dict[str, float],
    month: str,
    language: str,
    href: Callable[[Item], str],
    leave: str,
) -> dict[str, Any]:
    """Everything on the screen: a first slide, one slide an item, and a last one that compares the clock with the plan.

    `minutes` is what the meeting has and `minutes_each` what an item of each section is planned with; `href` gives the
    address of the page that tells the whole of an item, `leave` that of the page a reader returns to.
    """
    counts = {section: len(agenda.of(section)) for section in SECTIONS}
    places = dict.fromkeys(SECTIONS, 0)
    items = []
    for item in agenda.items:
        places[item.section] += 1
        items.append(_slide(item, places[item.section], counts[item.section], language, href(item)))
    return {
        "language": language,
        "month": month,
        "month_name": text.month(language, month),
        "minutes": minutes,
        "planned": agenda.minutes,
        "sections": [
            {
                "key": section,
                "name": text.say(language, f"agenda.section.{section}"),
                "read": text.say(language, f"agenda.read.{section}"),
                "count": counts[section],
                "minutes_each": minutes_each[section],
            }
            for section in SECTIONS
        ],
        "items": items,
        "cut": [_named(item, language) for item in agenda.cut],
        "leave": leave,
        "words": {
            key.removeprefix(_WORDS): said for key, said in text.words(language).items() if key.startswith(_WORDS)
        },
    }


def _slide(item: Item, place: int, of: int, language: str, href: str) -> dict[str, Any]:
    return _named(item, language) | {
        # Under this a clock is kept: the same item after another build, in another language, in a shorter meeting.
        "id": " ".join((item.section, *item.parameters.values(), item.source)),
        "place": place,
        "of": of,
        "why": item.why,
        "figures": item.figures,
        "text_name": text.say(language, f"meeting.text.{item.section}"),
        "text": item.text,
        "owner": item.owner,
        "decided": item.decided,
        "source": item.source,
        "href": href,
        "command": item.command,
    }


def _named(item: Item, language: str) -> dict[str, Any]:
    return {
        "section": item.section,
        "title": item.title,
        "products": ("、" if language == "ja" else ", ").join(item.products),
        "minutes": item.minutes,
    }
