"""A form to fill in: an assessments file whose answers are still comments, so that untouched it says nothing."""

from __future__ import annotations

from loaders.assess_log import flow
from loaders.assess_task import Task
from maturity.records.guide_map import AssessmentEntry, Practice


def form(task: Task, practices: list[Practice], file: str) -> str:
    """The text of the form; `file` is the name to save it under, relative to the data folder."""
    voice = task.voice
    head = voice("form_head", name=voice.of(task.product.name), on=task.on, file=file)
    parts = [*(f"# {line}" for line in head.splitlines()), f"product: {task.product.id}", "assessments:"]
    return "\n".join([*parts, *(line for practice in practices for line in _lines(task, practice))]) + "\n"


def _lines(task: Task, practice: Practice) -> list[str]:
    """A practice as comments. `#- ` gives a line without indent, by hand as with an editor's comment key.

    The answer is the last one; where there is none, no item is done, so that nothing is claimed by uncommenting alone.
    """
    voice = task.voice
    said = task.repeated(practice) or {"items_done": []}
    said.pop("evidence", None)  # of that day; a new answer names its own
    if said.get("state") == "adopted":
        said = {"items_done": [item.id for item in task.items(practice)]}
    entry = AssessmentEntry(practice=practice.id, assessed_on=task.on, assessor=task.assessor, **said)
    return [
        "#",
        f"# {voice.practice(practice)}",
        f"#   {voice('why', why=voice.of(practice.why))}",
        f"#   {voice('last_answer', state=voice.state(task.state(practice)))}",
        *(f"#     {item.id}  {voice.of(item)}" for item in task.items(practice)),
        f"#- {flow(entry)}",
    ]
