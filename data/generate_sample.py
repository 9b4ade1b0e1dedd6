"""Write the generated half of the sample: `assessments/` and `sli/` of the fictional company Hoshinami Labs.

    python data/generate_sample.py [--to data/sample]

Products, SLOs, incidents, risks and exemptions are written by hand and never touched; the times of the dips in the
SLI data are read from `incidents.yaml`. Running it twice gives the same files. The stories stand in tables, in two
parts: what the teams answered (ROUNDS ... TABLES) and what was measured (SERIES ... GAPS).
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

SEED = 20260930
SAMPLE = Path(__file__).resolve().parent / "sample"
MAP = SAMPLE.parent / "guide_map.yaml"
FIRST, LAST = dt.datetime(2025, 4, 1), dt.datetime(2026, 10, 1)  # UTC, end exclusive

# =================================================================================================== assessments
# Each product has its days of assessment (the columns of its table below) and the people who answer in turn.

ROUNDS = {
    "voicedesk": "2025-04-15 2025-07-15 2025-10-14 2026-01-13 2026-04-14 2026-07-14 2026-09-15",
    "askhub": "2025-04-17 2025-07-17 2025-10-16 2026-01-15 2026-04-16 2026-07-16 2026-09-17",
    "docsift": "2025-04-24 2025-07-24 2025-10-23 2026-01-22 2026-04-23",
    "ragfinder": "2025-04-22 2025-07-22 2025-10-21 2026-01-20 2026-04-21 2026-07-21 2026-09-10",
    "minutely": "2025-04-10 2025-07-10 2025-10-09 2026-01-08 2026-04-09 2026-07-09 2026-09-24",
    "foreplan": "2025-10-28 2026-01-27 2026-04-28 2026-07-28 2026-09-29",
}
PEOPLE = {
    "voicedesk": ["m.arai", "k.sudo"],
    "askhub": ["r.ito", "h.mori"],
    "docsift": ["s.ueda", "n.baba"],
    "ragfinder": ["t.endo"],
    "minutely": ["y.kato", "l.sasaki"],
    "foreplan": ["o.kimura"],
}
REVIEWER = "d.fujii"
PROVIDER = "ragfinder"
HEADERS = {
    "voicedesk": """\
Voicedesk, tier 1: the mature product that slips. Level 3 since January 2026. In July the incident drill (inc-06)
is no longer whole, which costs level 3; the restore test (rec-02) is only ever copied forward with its date of
September 2025, until it lapses in September 2026, which costs level 2.""",
    "askhub": """\
Askhub, tier 1: level 2 since January 2026, part of it inherited from Ragfinder. In August 2026 it loses level 2
without having done anything: Ragfinder's restore test lapsed.""",
    "docsift": """\
Docsift, tier 2: level 1, part of it inherited from Ragfinder, and quiet: nobody has assessed it since April 2026.""",
    "ragfinder": """\
Ragfinder, tier 2, and the platform of Askhub and Docsift: level 2 since August 2025, when a restore was tested. It was
never tested again, so rec-02 is stale from February 2026 and lapses in August 2026 (see SRR-2026-004).""",
    "minutely": """\
Minutely, tier 2: climbs one step at a time, level 1 since July 2025 and level 2 since September 2026. Load test
(cap-02), runbooks (inc-03) and drills (inc-06) stay open (see SRR-2026-005 and SRR-2026-011).""",
}

# One row a practice, one column a day of assessment. Practices without a row were never assessed.
#   M all items, evidence gathered by a machine     = copied forward: same answer, same old date of confirmation
#   R all items, evidence reviewed by somebody else 0 nothing done
#   L all items, evidence is a link                 P the provider does it
#   S all items, without evidence                   - nothing said that day      abc only these items are done
TABLES = {
    "voicedesk": """
        own-01 M M M M M M M
        own-02 L - - L - - L
        own-03 L - - - R - -
        own-04 - - L - - - L
        own-05 - - - L - - -
        slo-01 L - - L - - L
        slo-02 L - L - L - L
        slo-03 R - R - R - R
        slo-04 ab ab L L L L L
        slo-05 - - abc R - - R
        slo-06 - - ab L L L L
        slo-07 - L - L - L L
        slo-08 - - - - ab - ab
        obs-01 M M M M M M M
        obs-02 S - - L - - -
        obs-03 L - L - L - L
        obs-04 - - - ab - - ab
        obs-05 L - L - L - L
        obs-06 - - L L L L L
        inc-01 M M M M M M M
        inc-02 L - - L - - L
        inc-03 ab L - L - L L
        inc-04 L - - L - - -
        inc-05 L - - L - - -
        inc-06 - - ab R R c c
        inc-07 - - ab L L L L
        lrn-01 L - L - L - L
        lrn-02 ab L L L L L L
        lrn-03 - - L - L - L
        lrn-04 - - - - a - a
        rel-01 M - - M - - M
        rel-02 M - - M - - M
        rel-03 L - L - R - R
        rel-04 L - - L - - L
        rel-05 - L - L - L L
        rel-06 - - - L - L L
        rel-07 - - - - 0 - 0
        cap-01 L - - - L - -
        cap-02 R - - - R - -
        cap-03 - - - ab - ab -
        cap-04 - - - L - - -
        res-01 ab L - - - L -
        res-02 b - - b - - bc
        res-03 - - - a - ab ab
        res-04 - - - L - L L
        res-05 - - - - a - -
        rec-01 M M M M M M M
        rec-02 ab ab = = = = =
        rec-03 - - L - - - -
        toil-01 - L L L L L L
        toil-02 - - - L - L L
        rsk-01 a L L L L L L
        rsk-02 - - - L - L L
        acc-01 L - L - L - L
        acc-02 M M M M M M M
        """,
    "askhub": """
        own-01 M M M M M M M
        own-02 L - - - L - -
        own-03 L - - - L - -
        own-04 - L - - - - L
        slo-01 S - L - - - L
        slo-02 ab L - L - L L
        slo-03 a ac R - R - R
        slo-04 - - ab L L L L
        slo-05 - - - ab - abc abc
        slo-06 - - - a - ab ab
        slo-07 - - - L - L L
        obs-01 M M M M M M M
        obs-02 P - - P - - P
        obs-03 ab L - L - L L
        obs-04 - - P - - P -
        obs-05 - - L - L - L
        inc-01 L L L L L L L
        inc-02 L - - L - - L
        inc-03 a ab L - L - L
        inc-04 - L - - - L -
        inc-05 L - - L - - -
        inc-06 - - - - a - R
        lrn-01 L - L - L - L
        lrn-02 a ab L L L L L
        lrn-03 - - L - L - L
        rel-01 M - - M - - M
        rel-02 M - - M - - M
        rel-03 ab - ab L - L L
        rel-04 P - - P - - P
        rel-05 - - - ab - ab ab
        rel-06 - - - a - - L
        cap-01 ab - - ab - - ab
        cap-02 0 - - - a - -
        res-01 ab L - - - L -
        res-02 - - - L - - -
        res-03 - - - a - a -
        res-04 - - - a - ab -
        rec-01 P - - P - - P
        rec-02 P - P - P - -
        rec-03 - - - ab - - ab
        toil-01 - - - a - ab -
        rsk-01 - a L L L L L
        rsk-02 - - - - L - L
        acc-01 - L - L - L L
        acc-02 - - - - - a a
        """,
    "docsift": """
        own-01 L L L L L
        own-02 L - - - L
        own-03 - L - - L
        slo-01 ab L - - L
        slo-02 a L - L L
        slo-03 - 0 ac R R
        slo-04 - - - a ab
        obs-01 M M M M M
        obs-02 P - - P -
        obs-03 a L - L L
        obs-04 - - P - P
        obs-05 - a - - a
        inc-01 ab L L L L
        inc-02 L - - - L
        inc-03 a - ab - L
        inc-04 - - L - -
        inc-05 - - a - ab
        lrn-01 a L L - L
        lrn-02 0 ab L L L
        rel-01 M - - M -
        rel-02 - L - - L
        rel-03 a - ab - ab
        rel-04 P - - P -
        cap-01 L - - - L
        cap-02 - - 0 - -
        res-01 a - L - L
        res-02 - - a - a
        rec-01 P - - P -
        rec-02 P - P - P
        rec-03 - - - a -
        rsk-01 - - a L L
        acc-02 - - L L L
        """,
    "ragfinder": """
        own-01 M M M M M M M
        own-02 L - - - L - -
        own-03 L - - - L - -
        own-04 - L - - - L -
        slo-01 L - - - L - L
        slo-02 L - L - L - L
        slo-03 ab R - R - R R
        slo-04 - L L L L L L
        slo-05 - - a - ab - ab
        slo-07 - - L - L - L
        obs-01 M M M M M M M
        obs-02 M - - - M - M
        obs-03 L - L - L - L
        obs-04 - M - - M - M
        obs-05 L - L - L - L
        obs-06 - - - a - L L
        inc-01 M M M M M M M
        inc-02 L - - - L - L
        inc-03 L - L - L - L
        inc-04 L - - - L - -
        inc-05 - a - - a - -
        inc-06 - - a - a - -
        lrn-01 L - L - L - L
        lrn-02 ab L L L L L L
        lrn-03 - - - L - L -
        rel-01 M - - - M - M
        rel-02 M - - - M - M
        rel-03 L - L - L - L
        rel-04 M - - - M - M
        rel-05 - - L - L - L
        rel-06 - - - - M - M
        cap-01 L - - - L - -
        cap-02 0 R - - - R -
        cap-03 - - ab - - ab -
        cap-04 - - - - L - -
        res-01 L - - - L - L
        res-02 - L - - - L -
        res-03 - - a - - a -
        rec-01 M M M M M M M
        rec-02 0 b - - - - -
        rec-03 - - - a - - a
        toil-01 - L - L - L -
        rsk-01 ab L L L L L L
        rsk-02 - - - a - ab -
        acc-01 - L - L - L L
        acc-02 ab L L L L L L
        """,
    "minutely": """
        own-01 L L L L L L L
        own-02 - L - - L - -
        own-03 L - - - L - -
        own-04 - - - - L - -
        slo-01 a L - - - L -
        slo-02 ab L - L - L L
        slo-03 0 a ac ac R - R
        slo-04 - - - - ab L L
        slo-05 - - - - - a ab
        slo-07 - - - - - ab L
        obs-01 L L L M M M M
        obs-02 ab - L - - - L
        obs-03 a L - L - L L
        obs-04 - - - a - L -
        obs-05 - - ab - L - L
        inc-01 ab L L L L L L
        inc-02 a L - - - L -
        inc-03 0 - a - ac ac ac
        inc-04 - - - L - - -
        inc-05 - - a - L - -
        inc-06 - - - - 0 - a
        inc-07 - - - - a - ab
        lrn-01 a ab L - L - L
        lrn-02 0 - a a a a L
        lrn-03 - - - - - L L
        rel-01 L - - L - - L
        rel-02 - a - L - - L
        rel-03 - a - ab L - L
        rel-04 - - - a - L -
        rel-05 - - - - - ab ab
        cap-01 - a - L - - L
        cap-02 0 - - - 0 - a
        cap-03 - - - - - 0 0
        res-01 - ab - L - - L
        res-02 - - - - a - L
        rec-01 L L L L L L L
        rec-02 - - a - ab R R
        rec-03 - - - - - ab L
        toil-01 - - - - L - ab
        rsk-01 - - a L L L L
        rsk-02 - - - - - a ab
        acc-01 - - - ab - L L
        acc-02 - - a - a a a
        """,
    "foreplan": """
        own-01 L L L L L
        own-02 - - a - ab
        own-03 - L - - L
        slo-01 a - L - -
        slo-02 a abc - L L
        slo-03 - - 0 a ac
        obs-01 ab L L L L
        obs-02 S - - - -
        obs-03 0 a ab L L
        inc-01 a ab ab L L
        inc-02 - a - L L
        lrn-01 - - a - ab
        rel-01 L - - M -
        rel-02 a - - - L
        cap-01 - - - L -
        rec-01 M M M M M
        res-05 - - - 0 -
        """,
}

# A copied answer (=) keeps the day on which somebody last looked, and its evidence.
LAST_LOOKED = {("voicedesk", "rec-02"): "2025-09-10"}

# Statements between the days of assessment: product, practice, day, answer, id of the statement that it corrects.
BETWEEN = [
    ("ragfinder", "rec-02", "2025-08-19", "R", None),
    ("minutely", "toil-01", "2026-05-12", "a", "mn-2026-04-toil-01"),
]
IDS = {("minutely", "toil-01", "2026-04-09"): "mn-2026-04-toil-01"}

NOTES = {
    ("voicedesk", "inc-06", "2026-01-13"): "Carrier failover drill with both shifts, 9 findings.",
    ("voicedesk", "inc-06", "2026-07-14"): "No drill since January, and the two who joined in May have not taken part.",
    ("voicedesk", "inc-06", "2026-09-15"): "10月の2社目キャリアの切替訓練に合わせて実施予定。",
    ("voicedesk", "rec-02", "2025-10-14"): "Restored the call log in 52 minutes, lost 4 minutes of data.",
    ("voicedesk", "rec-02", "2026-07-14"): "前回の結果を引き継いだ。次の復元テストは未定。",
    ("voicedesk", "rec-02", "2026-09-15"): "Carried over again; no time for a restore before the carrier work.",
    ("voicedesk", "res-02", "2026-09-15"): "Still one carrier, see SRR-2026-001.",
    ("voicedesk", "slo-04", "2026-09-15"): "Each SLO ended in keep, tighten or loosen.",
    ("askhub", "slo-03", "2025-10-16"): "h.mori signed target and window.",
    ("askhub", "rec-02", "2025-10-16"): "Conversations are stored in Ragfinder's cluster.",
    ("askhub", "rel-03", "2026-07-16"): "コードの切り戻しは全員が練習済み。テンプレートはSRR-2026-009で扱う。",
    ("askhub", "acc-02", "2026-07-16"): "除外の期限が切れたため再評価。証明書の更新はまだ手作業（SRR-2026-007）。",
    ("askhub", "cap-01", "2026-09-17"): "Provider quota is known, but the alert comes after it is reached.",
    ("askhub", "inc-06", "2026-09-17"): "Drill on a template rollback; both newcomers led a part.",
    ("docsift", "slo-03", "2026-01-22"): "n.baba approved the target by name.",
    ("docsift", "inc-03", "2026-04-23"): "帳票の滞留時の手順を、書いた本人以外が試した。",
    ("docsift", "rec-02", "2026-04-23"): "Originals are kept in Ragfinder's store.",
    ("ragfinder", "rec-02", "2025-07-22"): "Restore was stopped after the measurement.",
    ("ragfinder", "rec-02", "2025-08-19"): "Full restore in 3 h 10 min, followed by l.sasaki of Minutely.",
    ("ragfinder", "cap-02", "2025-07-22"): "Reached 1.6 times the peak; the reranker was the first bottleneck.",
    ("ragfinder", "res-02", "2026-07-21"): "残る単一障害点（インデックス）はSRR-2026-004に記載。",
    ("minutely", "slo-03", "2026-04-09"): "Target agreed after INC-2026-028.",
    ("minutely", "cap-02", "2026-09-24"): "ピークの見積もりは書いた。試験に使えるGPUがない（SRR-2026-005）。",
    ("minutely", "inc-03", "2026-09-24"): "Nobody but y.kato has followed the steps (SRR-2026-011).",
    ("minutely", "lrn-02", "2026-09-24"): "Overdue actions are now read out each month; 11 of 13 closed.",
    ("minutely", "toil-01", "2026-05-12"): "Correction: the list exists, but hours and share were never measured.",
    ("foreplan", "obs-02", "2025-10-28"): "チーム立ち上げ時の自己申告。根拠の確認はこれから。",
    ("foreplan", "inc-01", "2026-07-28"): "Joined the shared rotation; first test page answered in 4 minutes.",
    ("foreplan", "slo-03", "2026-09-29"): "Target and window are written; the product owner has not signed yet.",
}

CSV_COLUMNS = [
    "product", "practice", "assessed_on", "assessor", "items_done", "state", "provider", "confirmed_on",
    "evidence_kind", "evidence_url", "evidence_on", "evidence_reviewer", "note", "id", "corrects",
]  # fmt: skip
KINDS = {"M": "automatic", "R": "reviewed", "L": "link"}


def entries(product: str, items: dict[str, list[str]]) -> list[dict[str, str]]:
    """Statements about a product as flat rows (the columns of the CSV form), in order of day and practice."""
    said = []
    for line in TABLES[product].strip().splitlines():
        practice, *answers = line.split()
        for day, answer in zip(ROUNDS[product].split(), answers, strict=True):
            said += [(day, practice, answer, None)] if answer != "-" else []
    said += [(day, practice, answer, fixes) for p, practice, day, answer, fixes in BETWEEN if p == product]
    order = list(items)
    said.sort(key=lambda s: (s[0], order.index(s[1])))
    return [entry(product, *s, items[s[1]]) for s in said]


def entry(product: str, day: str, practice: str, answer: str, corrects: str | None, every: list[str]) -> dict[str, str]:
    """One statement; empty fields are left out."""
    days = ROUNDS[product].split()
    people = PEOPLE[product]
    row = {
        "product": product,
        "practice": practice,
        "assessed_on": day,
        "assessor": people[sum(d <= day for d in days) % len(people)],
    }
    if answer == "P":
        row |= {"state": "inherited", "provider": PROVIDER}
    elif answer == "0":
        row |= {"state": "not_adopted"}
    elif answer.isupper() or answer == "=":
        row |= {"items_done": ";".join(every)}
    else:
        row |= {"items_done": ";".join(answer)}
    if answer == "=":
        looked = LAST_LOOKED[product, practice]
        row |= {"confirmed_on": looked, **evidence(product, practice, looked, "R")}
    elif answer in KINDS:
        row |= evidence(product, practice, day, answer)
    extra = {
        "note": NOTES.get((product, practice, day)),
        "id": IDS.get((product, practice, day)),
        "corrects": corrects,
    }
    return row | {key: value for key, value in extra.items() if value}


def evidence(product: str, practice: str, day: str, answer: str) -> dict[str, str]:
    """Evidence of a class, dated some days before it was shown (a machine's: the same day)."""
    back = 0 if answer == "M" else zlib.crc32(f"{product} {practice} {day}".encode()) % 15
    on = (dt.date.fromisoformat(day) - dt.timedelta(days=back)).isoformat()
    path = {"M": f"checks/{product}/{practice}", "R": f"reviews/{on[:7]}/{product}-{practice}"}.get(answer)
    made = {
        "evidence_kind": KINDS[answer],
        "evidence_url": f"https://example.com/{path or f'wiki/{product}/{practice}'}",
        "evidence_on": on,
    }
    return made | ({"evidence_reviewer": REVIEWER} if answer == "R" else {})


def yaml_text(product: str, rows: list[dict[str, str]]) -> str:
    """The YAML form: one line a statement, a blank line before each day."""
    lines = ["# Written by data/generate_sample.py; change its tables instead of this file."]
    lines += [f"# {line}" for line in HEADERS[product].splitlines()]
    lines += [f"product: {product}", "assessments:"]
    day = None
    for row in rows:
        if row["assessed_on"] != day:
            day = row["assessed_on"]
            lines += ["", f"  # {day}"]
        lines.append(f"  - {{{', '.join(yaml_fields(row))}}}")
    return "\n".join(lines) + "\n"


def yaml_fields(row: dict[str, str]) -> Iterator[str]:
    """`key: value` of one statement in flow style."""
    if "id" in row:
        yield f"id: {row['id']}"
    for key in ("practice", "assessed_on", "assessor"):
        yield f"{key}: {row[key]}"
    if "items_done" in row:
        yield f"items_done: [{row['items_done'].replace(';', ', ')}]"
    for key in ("state", "provider", "confirmed_on"):
        if key in row:
            yield f"{key}: {row[key]}"
    if "evidence_kind" in row:
        reviewer = f", reviewer: {row['evidence_reviewer']}" if "evidence_reviewer" in row else ""
        url = json.dumps(row["evidence_url"])
        yield f"evidence: {{kind: {row['evidence_kind']}, url: {url}, on: {row['evidence_on']}{reviewer}}}"
    if "note" in row:
        yield f"note: {json.dumps(row['note'], ensure_ascii=False)}"
    if "corrects" in row:
        yield f"corrects: {row['corrects']}"


def csv_text(rows: list[dict[str, str]]) -> str:
    """The CSV form."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, CSV_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write_assessments(folder: Path) -> None:
    """One file a product; Foreplan keeps its own as CSV."""
    practices = yaml.load(MAP.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["practices"]
    items = {p["id"]: [item["id"] for item in p["checklist"]] for p in practices}
    folder.mkdir(parents=True, exist_ok=True)
    for product in ROUNDS:
        rows = entries(product, items)
        end, text = ("yaml", yaml_text(product, rows)) if product in HEADERS else ("csv", csv_text(rows))
        (folder / f"{product}.{end}").write_text(text, encoding="utf-8")


# =========================================================================================================== SLI
# Shape of a week: weight of each hour of the day (Japan time) on a working day, and of a Saturday or Sunday.

SHAPES = {
    "office": ([1, 1, 1, 1, 1, 2, 5, 15, 55, 95, 100, 90, 60, 90, 98, 92, 85, 65, 35, 18, 10, 6, 3, 2], 0.12),
    "calls": ([2, 1, 1, 1, 1, 2, 6, 20, 60, 100, 98, 88, 75, 85, 90, 88, 84, 78, 60, 40, 22, 12, 7, 4], 0.45),
    "public": ([12, 8, 6, 5, 5, 7, 14, 28, 55, 88, 100, 94, 90, 92, 90, 88, 84, 76, 66, 58, 52, 44, 32, 20], 0.6),
    "platform": (
        [30, 24, 20, 20, 20, 22, 28, 38, 60, 90, 100, 95, 85, 92, 98, 92, 86, 75, 65, 58, 52, 46, 40, 34],
        0.6,
    ),
    "night": ([20, 45, 90, 100, 95, 70, 40, 12, 4, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 5, 6, 8, 12], 0.9),
}


@dataclass(frozen=True)
class Series:
    """Traffic of one SLO. `peak` is events an hour at weight 100; `bad` is bad events in 100,000 on a calm day."""

    file: str
    slo: str
    shape: str
    peak: int
    bad: float
    growth: float = 0.15  # a year
    bucket_minutes: int = 60
    first: dt.datetime = FIRST


SERIES = [
    Series("voicedesk", "vd-call-answered", "calls", 780, 28),
    Series("voicedesk", "vd-turn-fast", "calls", 5200, 2600),
    Series("voicedesk", "vd-console-login", "office", 85, 110),
    Series("askhub", "ah-reply-ok", "public", 3400, 16, growth=0.35),
    Series("askhub", "ah-first-words-fast", "public", 3400, 2700, growth=0.35),
    Series("docsift", "ds-job-done-in-time", "office", 420, 260),
    Series("docsift", "ds-upload-ok", "office", 560, 60),
    Series("ragfinder", "rf-query-ok", "office", 2100, 215, growth=0.25),
    Series("ragfinder-5m", "rf-answer-fast", "platform", 3600, 420, bucket_minutes=5, first=dt.datetime(2026, 6, 3)),
    Series("minutely", "mn-live-caption-ok", "office", 4600, 22, growth=0.3),
    Series("minutely", "mn-minutes-delivered", "office", 260, 430, growth=0.3),
    Series("foreplan", "fp-forecast-on-time", "night", 640, 420),
    Series("foreplan", "fp-dashboard-up", "office", 180, 18),
    # Too few events for its target; kept as a CSV file with one row a day.
    Series("foreplan-plan-import", "fp-plan-import-ok", "office", 1, 250, bucket_minutes=1440),
]

# Bad events in 100,000 that differ from the calm day for a while: SLO, first day, day after the last, bad.
SPELLS = [
    ("ds-job-done-in-time", "2025-06-01", "2026-05-26", 330),  # until the queue-age alert of SRR-2026-003
    ("vd-turn-fast", "2025-11-01", "2026-02-01", 4100),  # a busy winter, before more machines came
    ("fp-forecast-on-time", "2025-04-01", "2025-11-01", 820),  # a young product
    ("ah-first-words-fast", "2026-09-18", "2026-10-01", 11800),  # INC-2026-085, open at the end
]

# Throttled in the Monday peak (SRR-2026-002): SLO, first day, day after the last, hours of Japan time, bad.
MONDAYS = [
    ("ah-reply-ok", "2026-04-20", "2026-06-03", (9, 11), 1250),
    ("ah-reply-ok", "2026-06-03", "2026-10-01", (9, 11), 620),  # halved by back-off; about 6 bad minutes in 28 days
]

# Share of events that failed while an incident lasted; its times stand in incidents.yaml.
DIPS = {
    ("INC-2025-012", "vd-call-answered"): 0.18,
    ("INC-2025-030", "vd-call-answered"): 0.55,
    ("INC-2026-076", "vd-call-answered"): 0.14,
    ("INC-2025-021", "mn-live-caption-ok"): 0.20,
    ("INC-2025-039", "mn-live-caption-ok"): 0.25,
    ("INC-2026-003", "mn-live-caption-ok"): 0.24,
    ("INC-2026-028", "mn-live-caption-ok"): 0.33,
    ("INC-2026-063", "mn-live-caption-ok"): 0.31,
    ("INC-2025-034", "rf-query-ok"): 0.30,
    ("INC-2025-047", "rf-query-ok"): 0.60,
    ("INC-2025-047", "ah-reply-ok"): 0.25,
    ("INC-2025-047", "ds-job-done-in-time"): 0.40,
    ("INC-2025-052", "fp-forecast-on-time"): 0.50,
    ("INC-2026-009", "ds-job-done-in-time"): 0.14,
    ("INC-2026-021", "fp-forecast-on-time"): 0.80,
    ("INC-2026-071", "fp-forecast-on-time"): 0.45,
    ("INC-2026-035", "ah-reply-ok"): 0.70,
    ("INC-2026-044", "ah-reply-ok"): 0.08,
    ("INC-2026-051", "ah-reply-ok"): 0.07,
    ("INC-2026-057", "ah-reply-ok"): 0.06,
    ("INC-2026-082", "ah-reply-ok"): 0.26,
    ("INC-2026-068", "rf-answer-fast"): 0.16,
    ("INC-2026-083", "rf-answer-fast"): 0.14,
    ("INC-2026-079", "ds-upload-ok"): 0.30,
}

# Days on which nothing was measured: SLO, first day, day after the last.
GAPS = [
    ("mn-minutes-delivered", "2026-06-09", "2026-06-18"),  # nobody noticed
    ("mn-minutes-delivered", "2026-09-22", "2026-09-26"),  # INC-2026-086
]


def incident_times() -> dict[str, tuple[np.datetime64, np.datetime64]]:
    """Start and end of each incident in UTC; an open one lasts until the end of the data."""
    listed = yaml.load((SAMPLE / "incidents.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)["incidents"]
    ends = LAST.isoformat() + "Z"
    return {i["id"]: (np.datetime64(i["started_at"][:-1]), np.datetime64(i.get("ended_at", ends)[:-1])) for i in listed}


def measure(series: Series, incidents: dict) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(start, good, total) of every bucket that was measured."""
    # A generator of its own keeps the other series as they are when one is added.
    rng = np.random.default_rng([SEED, zlib.crc32(series.slo.encode())])
    step = np.timedelta64(series.bucket_minutes, "m")
    start = np.arange(np.datetime64(series.first), np.datetime64(LAST), step)
    total = rng.poisson(expected_total(series, start))
    share = np.full(len(start), series.bad / 1e5)
    for slo, first, end, bad in SPELLS:
        if slo == series.slo:
            share[between(start, first, end)] = bad / 1e5
    day = start.astype("datetime64[D]")
    share *= np.exp(rng.normal(0, 0.25, (day[-1] - day[0]).astype(int) + 1))[(day - day[0]).astype(int)]
    local = start + np.timedelta64(9, "h")
    monday = (local.astype("datetime64[D]").astype(int) + 3) % 7 == 0
    for slo, first, end, (opens, closes), bad in MONDAYS:
        if slo == series.slo:
            hour = (local.astype("datetime64[h]").astype(int)) % 24
            share[between(start, first, end) & monday & (hour >= opens) & (hour < closes)] += bad / 1e5
    for (incident, slo), failed in DIPS.items():
        if slo == series.slo:
            opens, closes = incidents[incident]
            inside = (np.minimum(closes, start + step) - np.maximum(opens, start)) / step
            share += np.clip(inside, 0, 1) * failed
    good = total - rng.binomial(total, np.clip(share, 0, 1))
    seen = np.ones(len(start), bool)
    for slo, first, end in GAPS:
        if slo == series.slo:
            seen &= ~between(start, first, end)
    return start[seen], good[seen], total[seen]


def expected_total(series: Series, start: np.ndarray) -> np.ndarray:
    """Mean number of events of each bucket: week shape x growth."""
    weights, weekend = SHAPES[series.shape]
    hours = np.array(weights) / 100
    local = start + np.timedelta64(9, "h")
    free = (local.astype("datetime64[D]").astype(int) + 3) % 7 >= 5
    if series.bucket_minutes > 60:
        per_bucket = np.full(len(start), hours.sum())
    else:
        per_bucket = hours[local.astype("datetime64[h]").astype(int) % 24] * series.bucket_minutes / 60
    years = (start - np.datetime64(FIRST)) / np.timedelta64(365, "D")
    return series.peak * per_bucket * np.where(free, weekend, 1) * (1 + series.growth) ** years


def between(start: np.ndarray, first: str, end: str) -> np.ndarray:
    """Which buckets lie in [first, end)."""
    return (start >= np.datetime64(first)) & (start < np.datetime64(end))


def write_sli(folder: Path) -> None:
    """One Parquet file a product and bucket length; the daily series as CSV."""
    incidents = incident_times()
    folder.mkdir(parents=True, exist_ok=True)
    for file in dict.fromkeys(series.file for series in SERIES):
        parts = [(series, *measure(series, incidents)) for series in SERIES if series.file == file]
        if parts[0][0].bucket_minutes == 1440:
            lines = ["slo,start,good,total"]
            lines += [
                f"{s.slo},{at}Z,{g},{t}" for s, start, good, total in parts
                for at, g, t in zip(np.datetime_as_string(start, "s"), good, total, strict=True)
            ]  # fmt: skip
            (folder / f"{file}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
            continue
        table = pa.table(
            {
                "slo": pa.array(np.concatenate([np.full(len(start), s.slo) for s, start, _, _ in parts])),
                "start": pa.array(np.concatenate([start for _, start, _, _ in parts]).astype("datetime64[us]")),
                "good": pa.array(np.concatenate([good for _, _, good, _ in parts]).astype("int64")),
                "total": pa.array(np.concatenate([total for _, _, _, total in parts]).astype("int64")),
            }
        )
        pq.write_table(
            table, folder / f"{file}.parquet", compression="zstd", compression_level=19, use_dictionary=["slo"],
            column_encoding={"start": "DELTA_BINARY_PACKED"}, write_statistics=True,
        )  # fmt: skip


def main() -> None:
    """Write both halves below the folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path, default=SAMPLE, help="folder to write assessments/ and sli/ into")
    to = parser.parse_args().to
    write_assessments(to / "assessments")
    write_sli(to / "sli")


if __name__ == "__main__":
    main()
