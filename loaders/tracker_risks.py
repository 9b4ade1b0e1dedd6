"""Issues of GitHub and Jira, as `guidemap fetch` kept them, become risk records. See docs/formats/risk-issues.md."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from loaders import validate, yaml_rows
from loaders.github_issues import FILE
from loaders.mapping import Mapping, sources_of
from loaders.markdown_tasks import without_comments
from loaders.reading import Reading
from loaders.risk_fields import Flat
from loaders.risk_register import risk_id
from loaders.yaml_rows import Document
from maturity.records.problems import Loaded, Problem, show
from maturity.records.risks import Risk
from maturity.sources import GithubIssuesSource, JiraSource

_BLOCK = re.compile(r"^```ya?ml[^\n]*\n(.*?)^```[^\n]*$", re.MULTILINE | re.DOTALL)
# Words before the colon of a label, and the field they fill.
_LABELS = {
    "impact": "potential_impact", "likelihood": "likelihood", "category": "category", "via": "detected_via",
}  # fmt: skip
# Why GitHub says that an issue was closed: https://docs.github.com/en/rest/issues/issues (state_reason).
_CLOSED_AS = {"completed": "fixed", "not_planned": "no_longer_applies"}
_CLOSED_WORDS = "completed or not_planned; of a duplicate, status: merged and duplicate_of: in its block"
_OF_THE_BLOCK = set(Risk.model_fields) - {"id", "source", "source_id", "url"}


@dataclass
class _Issue:
    """What the two trackers have in common. `fields` are those of `Flat`; `words` name the products."""

    key: str
    body: str
    words: list[str]
    labels: list[str]
    fields: dict[str, Any]
    comments: list[dict[str, Any]] = field(default_factory=list)
    told: list[tuple[str, str, str]] = field(default_factory=list)  # warnings: field, found, expected
    repository: str | None = None


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
        issue = _with_texts(read(entry, source.record))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        found = f"{entry['id']}, {error.__class__.__name__} {error} (not loaded)"
        reading.problems.append(Problem(file, line, "issue", found, "an issue as guidemap fetch keeps it"))
        return False
    if "missing_since" in entry:
        found = f"{entry['id']}, which was not returned since {entry['missing_since']} (loaded as it was kept)"
        issue.told.append(
            ("issue", found, "its label or its place in the search back, or this file deleted and fetched")
        )
    flat = Flat(file, line, dict(issue.fields), by=issue.fields.get("owner") or "unknown")
    block, problems = _block(issue.body, file, line)
    _states(issue, block, flat, _labels(issue, flat))
    problems += [Problem(file, line, *told, "warning") for told in issue.told]
    reading.problems += problems
    products = block.pop("products", None) or _mapped(mapping, issue, source, file, line)
    flat.fields |= {name: True for name in ("acceptance", "closed") if name in block}
    risk = flat.read()
    reading.problems += flat.problems
    reading.saw("risks", [{"id": risk_id(source.record.id, issue.key)}])
    if risk is None or not products or any(problem.level == "error" for problem in problems):
        return False
    log = [*risk.get("log", []), *(block.pop("log", None) or []), *_comments(issue.comments)]
    # What the tracker knows of the finding and the next action (days, people) stays where the block does not say it.
    both = {name: risk.get(name, {}) | block[name] for name in ("detected", "next_action") if _inside(block, name)}
    risk |= block | both
    risk["detected"] = {"via": "import"} | risk.get("detected", {})
    risk["log"] = sorted(log, key=lambda entry: str(entry["at"]) if isinstance(entry, dict) and "at" in entry else "")
    risk |= {
        "id": risk_id(source.record.id, issue.key), "source": source.record.id, "source_id": issue.key,
        "products": products,
    }  # fmt: skip
    loaded, problems = validate.record(Risk, risk, Document(file, risk, line))
    reading.problems += problems
    reading.bundle.risks += [loaded] if loaded else []
    return loaded is not None


def _with_texts(issue: _Issue) -> _Issue:
    """The issue, whose id, labels and comments are texts. Raises TypeError."""
    texts = [issue.key, *issue.labels, *(said["text"] for said in issue.comments if said.get("text") is not None)]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("a label or a comment that is no text")
    return issue


def _labels(issue: _Issue, flat: Flat) -> str | None:
    """Fill fields from labels such as `impact:4`; the words of `product:x` come before what else names the product.

    Returns the word of `state:x`, which must not beat what the tracker says by itself.
    """
    words, state = [], None
    for label in issue.labels:
        name, _, word = label.partition(":")
        name, word = name.strip().casefold(), word.strip()
        if name == "product" and word:
            words.append(word)
        elif name == "state" and word:
            state = word
        elif name in _LABELS and word:
            flat.fields[_LABELS[name]] = word
    issue.words = words or issue.words
    return state


def _inside(block: dict[str, Any], name: str) -> bool:
    return isinstance(block.get(name), dict)


def _states(issue: _Issue, block: dict[str, Any], flat: Flat, label: str | None) -> None:
    """Closed in the tracker is closed, though a duplicate may be merged; else a label counts before the tracker's
    status, and that before the block. What says otherwise is told."""
    said = {"in the block": block.pop("status", None), "in a label": label}
    given = {where: word for where, word in said.items() if word}
    if flat.fields.get("status") == "closed" and "merged" in given.values() and "duplicate_of" in block:
        for name in ("closed_at", "closed_reason"):
            flat.fields.pop(name, None)
        issue.told = [told for told in issue.told if told[0] != "closed_reason"]
        flat.fields["status"] = "merged"
    elif flat.fields.get("status") != "closed":
        status = label or flat.fields.get("status") or said["in the block"]
        flat.fields |= {"status": status} if status else {}
    for where, word in given.items():
        if word != flat.fields["status"]:
            issue.told.append(("status", f"{show(word)} {where}", f"{flat.fields['status']}, which counts before it"))


def _mapped(mapping: Mapping, issue: _Issue, source: Loaded, file: str, line: int) -> list[str]:
    if issue.repository and not issue.words:
        expected = f"a repository in repositories: of source {source.record.id}"
        mapping.leave_out("repository", issue.repository, file, line, expected)
    found = [mapping.product(word, file, line) for word in issue.words]
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
            "url": said.get("url"),
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
    body = without_comments(entry.get("body") or "")
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
    told = []
    if closed:
        given = entry.get("state_reason")
        fields["closed_reason"] = _CLOSED_AS.get(given)
        if given not in _CLOSED_AS:
            told.append(
                ("closed_reason", f"closed as {given or 'nothing'} (loaded as no_longer_applies)", _CLOSED_WORDS)
            )
    labels = [label["name"] if isinstance(label, dict) else str(label) for label in entry.get("labels") or []]
    name = entry["repository"].casefold()
    words = [ours for ours, names in source.repositories.items() if name in map(str.casefold, names)]
    comments = entry.get("comments") or []
    return _Issue(entry["id"], body, words, labels, _given(fields), comments, told, entry["repository"])


# ------------------------------------------------------------------------------------------------------------ Jira


def _jira(entry: dict[str, Any], source: JiraSource) -> _Issue:
    said = entry["fields"]
    body = _text(said.get("description"))
    done = said.get("resolutiondate")
    as_what = (said.get("resolution") or {}).get("name")
    name = (said.get("status") or {}).get("name", "")
    status = _ours(source.statuses, name)
    told = []
    if status is None:
        status = "closed" if done else "new"
        expected = f"a status in statuses: of source {source.id} (loaded as {status})"
        told.append(("status", show(name), expected))
    reason = _ours(source.resolutions, as_what or "") if status == "closed" else None
    if status == "closed" and reason is None:
        found = f"{show(as_what) if as_what else 'no resolution'} (loaded as no_longer_applies)"
        told.append(("closed_reason", found, f"a resolution in resolutions: of source {source.id}"))
    since = done or said.get("statuscategorychangedate") or ""
    due = said.get("duedate") if status != "closed" else None
    fields = {
        "title": said["summary"], "summary": _summary(body), "url": f"{source.url.rstrip('/')}/browse/{entry['key']}",
        "owner": (said.get("assignee") or {}).get("displayName"), "detected_at": said["created"][:10],
        "next_action": said["summary"] if due else None, "next_action_due": due, "status": status,
        "closed_at": since[:10] if status == "closed" else None, "closed_reason": reason,
    }  # fmt: skip
    for theirs, ours in source.fields.items():
        fields[ours] = _plain(said.get(theirs))
    comments = [
        {
            "at": one.get("created"),
            "by": (one.get("author") or {}).get("displayName"),
            "text": _text(one.get("body")),
            "url": f"{fields['url']}?focusedCommentId={one['id']}" if one.get("id") else None,
        }
        for one in (said.get("comment") or {}).get("comments") or []
    ]
    key = (said.get("project") or {}).get("key") or entry["key"].rpartition("-")[0]
    words = [key] if key in source.products or not source.product else [source.product]
    return _Issue(entry["key"], body, words, said.get("labels") or [], _given(fields), comments, told)


def _ours(words: dict[str, str], word: str) -> str | None:
    """Our word for one of the tracker's, whose case does not count."""
    return next((ours for theirs, ours in words.items() if theirs.casefold() == word.casefold()), None)


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
