"""The conversation in a terminal: ask for one practice after another, or for all that are still as they were."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from loaders.assess_task import Task
from maturity.records.guide_map import AssessmentEntry, Practice

Say = Callable[[str], None]
SKIP, BACK, QUIT, HELP = "skip", "back", "quit", "help"
_COMMANDS = {"": SKIP, "<": BACK, "back": BACK, "q": QUIT, "quit": QUIT, "?": HELP, "help": HELP}
_YES, _NO = {"y", "yes", "はい"}, {"n", "no", "いいえ"}


class Ended(Exception):
    """The input ended: nobody is there, or what was piped in is used up."""


def answer_each(task: Task, practices: list[Practice], say: Say) -> list[AssessmentEntry]:
    """Ask for each practice; what was answered until the end or until q."""
    given: dict[str, AssessmentEntry] = {}
    say(task.voice("keys"))
    at = 0
    while at < len(practices):
        practice = practices[at]
        say(f"\n[{at + 1}/{len(practices)}] {task.voice.practice(practice)}")
        _show(task, practice, given.get(practice.id), say)
        said = _ask(task, practice, say)
        if said == QUIT:
            break
        if said == BACK:
            at = max(0, at - 1)
            continue
        if said != SKIP:
            given[practice.id] = task.statement(practice.id, {**said, **_details(task, practice, said, say)})
        at += 1
    return list(given.values())


def choose(task: Task, practices: list[Practice], say: Say) -> list[Practice]:
    """One list of what is claimed; those that are still so."""
    voice = task.voice
    say(voice("reconfirm", name=voice.of(task.product.name), on=task.on))
    for number, practice in enumerate(practices, 1):
        mark = " " if task.sure(practice) else "!"
        say(f"{number:>3} {mark} {practice.id}  {voice.of(practice.name)}: {voice.state(task.state(practice))}")
    say(voice("reconfirm_keys"))
    while True:
        answer = line(task, voice("which"))
        numbers = numbers_of(answer, len(practices))
        if _plain(answer) == "all":
            return [practice for practice in practices if task.sure(practice)]
        if numbers is not None:
            return [practices[number - 1] for number in numbers]
        say(voice("no_number", answer=answer, last=len(practices)))


def confirm(task: Task, entries: list[AssessmentEntry], file: str, say: Say) -> bool:
    """Show what is to be written, and ask."""
    say("\n" + task.voice("summary", count=len(entries), who=task.assessor, on=task.on, file=file))
    for entry in entries:
        say(f"  {entry.practice}: {_short(entry)}")
    while True:
        answer = _plain(line(task, task.voice("sure")))
        if answer in _YES | _NO:
            return answer in _YES
        say(task.voice("say_y"))


def line(task: Task, prompt: str) -> str:
    """One line of input without blanks around it. Ended where there is none."""
    while True:
        try:
            answer = input(prompt).strip()
            answer.encode("utf-8")  # a terminal in another encoding gives parts of characters
            return answer
        except EOFError:
            raise Ended from None
        except UnicodeError:
            print(task.voice("unreadable"))


def numbers_of(answer: str, last: int) -> list[int] | None:
    """`1-3 8` as 1, 2, 3, 8; None where it is not understood. Nothing is no number.

    >>> numbers_of("1-3, 8", 9), numbers_of("0", 9), numbers_of("", 9)
    ([1, 2, 3, 8], None, [])
    """
    found: set[int] = set()
    for part in re.split(r"[\s,、]+", re.sub(r"\s*[-~〜]\s*", "-", _plain(answer))):
        span = re.fullmatch(r"([0-9]{1,6})(?:-([0-9]{1,6}))?", part)
        if part and not span:
            return None
        if span:
            first, until = int(span[1]), int(span[2] or span[1])
            if not 1 <= first <= until <= last:
                return None
            found |= set(range(first, until + 1))
    return sorted(found)


def understood(answer: str, items: list[str]) -> str | dict[str, Any] | None:
    """A command, or what is done; None where it is neither. Items go before commands, as in `b`.

    >>> understood("ac", ["a", "b", "c"]), understood("none", ["a"]), understood("i ragfinder", ["a"])
    ({'items_done': ['a', 'c']}, {'items_done': []}, {'state': 'inherited', 'provider': 'ragfinder'})
    """
    text = _plain(answer)
    if text in ("all", "none"):
        return {"items_done": items if text == "all" else []}
    known = {item.casefold(): item for item in items}
    parts = [part for part in re.split(r"[\s,;、]+", text) if part]
    if len(parts) == 1 and parts[0] not in known and all(len(item) == 1 for item in items):
        parts = list(parts[0])
    if parts and all(part in known for part in parts):
        return {"items_done": [item for item in items if item.casefold() in parts]}
    if text in _COMMANDS:
        return _COMMANDS[text]
    word, _, provider = unicodedata.normalize("NFKC", answer).strip().partition(" ")
    return {"state": "inherited", "provider": provider.strip()} if word.casefold() == "i" else None


def _ask(task: Task, practice: Practice, say: Say) -> str | dict[str, Any]:
    """A command other than help, or what is done."""
    voice, items = task.voice, [item.id for item in task.items(practice)]
    while True:
        answer = line(task, "> ")
        said = understood(answer, items)
        if said == HELP:
            _help(task, practice, say)
        elif said is None:
            say(voice("unclear", answer=answer, items=" ".join(items), keys=voice("keys")))
        elif isinstance(said, str) or not _is_wrong_provider(task, said, say):
            return said


def _is_wrong_provider(task: Task, said: dict[str, Any], say: Say) -> bool:
    providers = {name.casefold(): name for name in task.product.providers}
    named = said.get("provider")
    if named is None:
        return False
    if named.casefold() in providers:
        said["provider"] = providers[named.casefold()]
        return False
    known = ", ".join(task.product.providers) or task.voice("none")
    say(task.voice("no_provider", answer=named, name=task.voice.of(task.product.name), providers=known))
    return True


def _details(task: Task, practice: Practice, said: dict[str, Any], say: Say) -> dict[str, Any]:
    """Evidence, where anything is done, and a note."""
    found: dict[str, Any] = {}
    if said.get("items_done"):
        before = (task.repeated(practice) or {}).get("evidence")
        keep = task.voice("keep_evidence", url=before["url"]) if before else ""
        url = line(task, task.voice("ask_evidence", keep=keep))
        if before and _plain(url) == "=":
            found["evidence"] = before
        elif url:
            found["evidence"] = {"url": url}
    note = line(task, task.voice("ask_note"))
    return found | ({"note": note} if note else {})


def _show(task: Task, practice: Practice, given: AssessmentEntry | None, say: Say) -> None:
    voice, state = task.voice, task.state(practice)
    say("  " + voice("why", why=voice.of(practice.why)))
    say("  " + voice("now", state=voice.state(state)))
    if given:
        say("  " + voice("given", answer=_short(given)))
    last = state.statement.record if state.statement else None
    items = task.items(practice)
    done = {item.id for item in items} if state.share >= 1 else set((last.items_done if last else None) or [])
    for item in items:
        say(f"    {item.id} [{'x' if item.id in done else ' '}] {voice.of(item)}")


def _help(task: Task, practice: Practice, say: Say) -> None:
    for step, sentence in enumerate(getattr(practice.how_to, task.voice.language), 1):
        say(f"    {step}. {' '.join(sentence.split())}")
    if practice.evidence:
        say("    " + task.voice("evidence_is", text=task.voice.of(practice.evidence)))
    for reference in practice.references:
        say(f"    {reference.title}: {reference.url}")
    say("  " + task.voice("keys"))


def _short(entry: AssessmentEntry) -> str:
    """What a statement says, in the words of the file."""
    if entry.items_done is not None:
        said = " ".join(entry.items_done) or "none"
    else:
        said = " ".join(filter(None, (entry.state, entry.provider))) or f"{entry.share:g}"
    return "; ".join(filter(None, (said, entry.evidence and entry.evidence.url, entry.note)))


def _plain(answer: str) -> str:
    """An answer without regard to case and full width."""
    return unicodedata.normalize("NFKC", answer).strip().casefold()
