"""Issues of GitHub and Jira, as `guidemap fetch` kept them, become risk records. See docs/formats/risk-issues.md."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from loaders import validate, yaml_rows
from loaders.github_issues import FILE
from loaders.mapping import Mapping, sources_of
from loaders.reading import Reading
from loaders.risk_fields import Flat
from loaders.risk_register import risk_id
from loaders.yaml_rows import Document
from maturity.records import Loaded, Problem, Risk, show
from maturity.sources import GithubIssuesSource, JiraSource

_BLOCK = re.compile(r"^```ya?ml[^\n]*\n(.*?)^```[^\n]*$", re.MULTILINE | re.DOTALL)
# Words before the colon of a label, and the field they fill.
_LABELS = {
    "impact": "potential_impact", "likelihood": "likelihood", "category": "category", "state": "status",
    "via": "detected_via",
}  # fmt: skip
_OF_THE_BLOCK = set(Risk.model_fields) - {"id", "source", "source_id", "url"}


@dataclass
class _Issue:
    """What the two trackers have in common. `fields` are those of `Flat`; `words` name the product, the best first."""

    key: str
    body: str
    words: list[str]
    labels: list[str]
    fields: dict[str, Any]
    comments: list[dict[str, Any]] = field(default_factory=list)
    told: list[tuple[str, str, str]] = field(default_factory=list)  # warnings: field, found, expected


def load(reading: Reading) -> None:
    """Add a record for each kept issue of every source."""
    for kind, read in (("github-issues", _github), ("jira", _jira)):
        for source in sources_of(reading, kind):
            mapping = Mapping.of(reading, source)
            for path, file in reading.files(f"raw/{source.record.id}/answers/{FILE}"):
                counted = accepted = 0
                for line, entry in reading.kept(path, file):
                    counted += 1
                    accepted += _add(reading, mapping, source, read, entry, file, line)
                reading.note(path, file, "risks", counted, accepted)
            mapping.tell()


def _add(reading: Reading, mapping: Mapping, source: Loaded, read: Any, entry: dict, file: str, line: int) -> bool:
    try:
        issue = read(entry, source.record)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        found = f"{entry['id']}, {error.__class__.__name__} {error} (not loaded)"
        reading.problems.append(Problem(file, line, "issue", found, "an issue as guidemap fetch keeps it"))
        return False
    flat = Flat(file, line, dict(issue.fields), by=issue.fields.get("owner") or "unknown", values={})
    _labels(issue, flat)
    reading.problems += [Problem(file, line, *told, "warning") for told in issue.told]
    block, problems = _block(issue.body, file, line)
    reading.problems += problems
    products = block.pop("products", None) or _mapped(mapping, issue.words, file, line)
    flat.fields |= {name: True for name in ("acceptance", "closed") if name in block}
    risk = flat.read()
    reading.problems += flat.problems
    reading.saw("risks", [{"id": risk_id(source.record.id, issue.key)}])
    if risk is None or not products or any(problem.level == "error" for problem in problems):
        return False
    risk |= block
    risk["detected"] = {"via": "import"} | risk.get("detected", {})
    risk["log"] = [*risk.get("log", []), *_comments(issue.comments)]
    risk |= {
        "id": risk_id(source.record.id, issue.key), "source": source.record.id, "source_id": issue.key,
        "products": products,
    }  # fmt: skip
    loaded, problems = validate.record(Risk, risk, Document(file, risk, line))
    reading.problems += problems
    reading.bundle.risks += [loaded] if loaded else []
    return loaded is not None


def _labels(issue: _Issue, flat: Flat) -> None:
    """Fill fields from labels such as `impact:4`; the words of `product:x` come before what else names the product."""
    words = []
    for label in issue.labels:
        name, _, word = label.partition(":")
        name, word = name.strip().casefold(), word.strip()
        if name == "product" and word:
            words.append(word)
        elif name in _LABELS and word:
            flat.fields[_LABELS[name]] = word
    issue.words = words or issue.words


def _mapped(mapping: Mapping, words: list[str], file: str, line: int) -> list[str]:
    found = [mapping.product(word, file, line) for word in words]
    return [product for product in dict.fromkeys(found) if product]


def _block(body: str, file: str, line: int) -> tuple[dict[str, Any], list[Problem]]:
    """The fields of the first YAML block of a body; messages carry the line of the kept issue."""
    block = _BLOCK.search(body)
    if not block:
        return {}, []
    documents, problems = yaml_rows.parse(block[1], file)
    problems = [Problem(file, line, p.field, p.found, p.expected, p.level) for p in problems]
    value = documents[0].value if documents else None
    if not isinstance(value, dict):
        return {}, problems or [Problem(file, line, "yaml", show(value), "fields of a risk record")]
    problems += [
        Problem(file, line, name, "an unknown field", f"one of {', '.join(sorted(_OF_THE_BLOCK))}")
        for name in value.keys() - _OF_THE_BLOCK
    ]
    return {name: field for name, field in value.items() if name in _OF_THE_BLOCK}, problems


def _comments(comments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "at": str(said["at"])[:10],
            "by": said.get("by") or "unknown",
            "kind": "note",
            "text": _one_line(said["text"]),
        }
        for said in comments
        if said.get("at") and (said.get("text") or "").strip()
    ]


def _one_line(text: str) -> str:
    """A comment as one line of a log."""
    text = " ".join(text.split())
    return text if len(text) <= 500 else text[:497] + "..."


def _summary(body: str) -> str:
    return _BLOCK.split(body)[0].strip()


# ---------------------------------------------------------------------------------------------------------- GitHub


def _github(entry: dict[str, Any], source: GithubIssuesSource) -> _Issue:
    body, several = entry.get("body") or "", sum(map(len, source.repositories.values())) > 1
    closed = entry["state"] == "closed"
    milestone = (entry.get("milestone") or {}).get("due_on")
    assignees = entry.get("assignees") or []
    fields = {
        "title": entry["title"], "summary": _summary(body), "url": entry.get("html_url"),
        "owner": assignees[0]["login"] if assignees else None, "detected_at": entry["created_at"][:10],
        "next_action": entry["title"] if milestone and not closed else None,
        "next_action_due": milestone[:10] if milestone and not closed else None,
        "status": "closed" if closed else None, "closed_at": (entry.get("closed_at") or "")[:10] if closed else None,
    }  # fmt: skip
    if closed:
        fields["closed_reason"] = "no_longer_applies" if entry.get("state_reason") == "not_planned" else "fixed"
    labels = [label["name"] if isinstance(label, dict) else str(label) for label in entry.get("labels") or []]
    key = entry["id"] if several else f"#{entry['number']}"
    return _Issue(key, body, [entry["product"]], labels, _given(fields), entry.get("comments") or [])


# ------------------------------------------------------------------------------------------------------------ Jira


def _jira(entry: dict[str, Any], source: JiraSource) -> _Issue:
    said = entry["fields"]
    body = _text(said.get("description"))
    done = said.get("resolutiondate")
    name = (said.get("status") or {}).get("name", "")
    status = next((ours for theirs, ours in source.statuses.items() if theirs.casefold() == name.casefold()), None)
    told = []
    if status is None:
        status = "closed" if done else "new"
        expected = f"a status in statuses: of source {source.id} (loaded as {status})"
        told.append(("status", show(name), expected))
    due = said.get("duedate") if status != "closed" else None
    fields = {
        "title": said["summary"], "summary": _summary(body), "url": f"{source.url.rstrip('/')}/browse/{entry['key']}",
        "owner": (said.get("assignee") or {}).get("displayName"), "detected_at": said["created"][:10],
        "next_action": said["summary"] if due else None, "next_action_due": due, "status": status,
        "closed_at": (done or said.get("updated") or "")[:10] if status == "closed" else None,
        "closed_reason": "fixed" if status == "closed" else None,
    }  # fmt: skip
    for theirs, ours in source.fields.items():
        fields[ours] = _plain(said.get(theirs))
    comments = [
        {"at": one.get("created"), "by": (one.get("author") or {}).get("displayName"), "text": _text(one.get("body"))}
        for one in (said.get("comment") or {}).get("comments") or []
    ]
    key = (said.get("project") or {}).get("key") or entry["key"].rpartition("-")[0]
    words = [key] if key in source.products or not source.product else [source.product]
    return _Issue(entry["key"], body, words, said.get("labels") or [], _given(fields), comments, told)


def _plain(value: Any) -> Any:
    """A custom field: a number, a text, or the chosen option."""
    if isinstance(value, dict):
        value = value.get("value") or value.get("displayName") or value.get("name") or (_text(value) or None)
    return None if value is None else str(value)


def _text(node: Any) -> str:
    """The text of an Atlassian document: paragraphs and lists as lines, code blocks fenced as in Markdown."""
    if not isinstance(node, dict):
        return str(node or "")
    kind, inner = node.get("type"), "".join(_text(child) for child in node.get("content") or [])
    match kind:
        case "text":
            return node.get("text", "")
        case "hardBreak":
            return "\n"
        case "codeBlock":
            return f"```{(node.get('attrs') or {}).get('language', '')}\n{inner}\n```\n"
        case "listItem":
            return f"- {inner.strip()}\n"
        case "paragraph" | "heading":
            return f"{inner}\n"
    return inner


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "")}
