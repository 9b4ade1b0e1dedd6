"""Every word a page can ask for exists, in both languages."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from given import ROOT

from maturity import charts, falls, text
from maturity.agenda import SECTIONS
from maturity.provision import Verdict
from maturity.records.guide_map import AssessmentEntry, Evidence, Practice
from maturity.records.policies import BurnAlert
from maturity.records.products import Product
from maturity.records.reviews import Decision
from maturity.records.risks import Cause, Closed, Cre, Detected, LogEntry, Ranks, Risk
from maturity.records.slos import Correction, Method, Slo
from maturity.risk_drafts import RULES
from maturity.slo_use import RUNGS
from maturity.ui import PAGES


def options(model, field: str) -> list[str]:
    """The values that a field may have."""
    kind = model.model_fields[field].annotation
    found = [value for part in (kind, *get_args(kind)) for value in get_args(part) if isinstance(value, str)]
    return list(dict.fromkeys([*found, *(v for v in get_args(kind) if isinstance(v, str))]))


WORDS = {
    "practice_state": list(charts.PRACTICE),
    "budget_state": list(charts.BUDGET),
    "cause": [*sorted(falls.REGRESSIONS), "exemption_ended", "model_change", "scope_change", "correction"],
    "evidence": [*options(Evidence, "kind"), "none"],
    "said": [*options(AssessmentEntry, "state"), "partial"],
    "method": list(get_args(Method)),
    "unit": list(get_args(Method)),
    "status": options(Risk, "status"),
    "risk_category": options(Risk, "category"),
    "closed_reason": options(Closed, "reason"),
    "risk.trend_": options(Ranks, "likelihood_trend"),
    "via": options(Detected, "via"),
    "confidence": options(Cause, "confidence"),
    "basis": options(Cre, "basis"),
    "log_kind": list(charts.LOG),
    "guide_map.effort_": options(Practice, "effort"),
    "product.lifecycle_": options(Product, "lifecycle"),
    "window_unit": options(Slo, "window_unit"),
    "window": options(Slo, "window_kind"),
    "effect": options(Correction, "effect"),
    "category": options(Correction, "category"),
    "slo_use.rung": list(RUNGS),
    "slo_use.verdict": list(get_args(Verdict)),
    "slo.burns": options(BurnAlert, "action"),
    "draft": list(RULES),
    "draft_reason": list(RULES),
    "draft_rule": list(RULES),
    "list_kind": ["budget", "risk", "practice"],
    "certainty": ["seen", "expected", "at_most"],
    "decision": options(Decision, "decision"),
    "decision_state": options(Decision, "state"),
    "agenda.section": list(SECTIONS),
    "agenda.read": list(SECTIONS),
    "change.topic": ["budget", "level", "practice", "risk", "gap", "incident", "decision", "policy"],
    "change.kind": ["new", "gone", "risen", "fallen", "changed", "restated"],
    "change.reason": ["target", "correction", "data", "record", "map", "signal", "rules"],
    "meeting.text": list(SECTIONS),
}
CASES = [(topic, value) for topic, values in WORDS.items() for value in values]


@pytest.mark.parametrize(("topic", "value"), CASES)
@pytest.mark.parametrize("language", text.LANGUAGES)
def test_a_value_has_a_word(language, topic, value):
    key = f"{topic}{value}" if topic.endswith("_") else f"{topic}.{value}"
    assert text.words(language)[key]


def test_every_kind_of_a_log_entry_has_a_sign_on_the_timeline():
    assert set(charts.LOG) - set(options(LogEntry, "kind")) == {"incident", "today", "buried"}


def test_the_lists_of_values_are_not_empty():
    assert all(len(values) >= 2 for values in WORDS.values())


@pytest.mark.parametrize("page", PAGES)
def test_every_text_that_a_page_names_exists(page):
    source = (ROOT / PAGES[page][0]).read_text(encoding="utf-8")
    said = set(re.findall(r'page\.say\(\s*"([^"{}]+)"', source))
    assert said
    # A key that ends so is put together with a value; those are looked at above.
    whole = {key for key in said if key[-1] not in "._"}
    keys = {key[1:] if key.startswith(".") else f"{page}.{key}" for key in whole}
    sections = set(re.findall(r'page\.section\(\s*"(\w+)"', source))
    keys |= {f"{page}.{section}.{part}" for section in sections for part in ("title", "read")}
    keys |= {f"empty.{name}" for name in re.findall(r'page\.empty\("(\w+)"\)', source)}
    keys |= {f"figure.{name}" for name in re.findall(r'page\.(?:explain|figure)\(\s*"(\w+)"', source)}
    keys |= {f"figure_name.{name}" for name in re.findall(r'page\.figure\(\s*"(\w+)"', source)}
    assert keys - text.words("en").keys() == set()


def test_every_text_that_words_are_asked_for_exists():
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "maturity").glob("*.py"))
    named = set(re.findall(r"""words\.say\(\s*["']\.([^"'{}]+)["'][,)]""", source))
    assert "risk.found_text" in named
    assert named - text.words("en").keys() == set()


@pytest.mark.parametrize("language", text.LANGUAGES)
def test_every_check_of_a_risk_has_a_word_and_a_sentence(language):
    source = (ROOT / "maturity" / "risk_checks.py").read_text(encoding="utf-8")
    names = {*re.findall(r'Check\("(\w+)"', source), *re.findall(r'"(\w+)": \(risk\.ranks', source)}
    assert len(names) == 7
    values = dict.fromkeys(("since", "days", "found", "expected", "minutes"), "x")
    for name in names:
        assert text.say(language, f"flag.{name}")
        assert text.say(language, f"check.{name}", **values)


def test_every_flag_of_a_risk_has_a_word():
    source = (ROOT / "maturity" / "risk_cost.py").read_text(encoding="utf-8")
    flags = re.findall(r'^        "(\w+)":', source.split("checks = {")[1].split("}")[0], flags=re.M)
    assert len(flags) == 8
    assert [f for f in flags if not {f"flag.{f}", f"check.{f}"} <= text.words("en").keys()] == []


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (0.3997, 1, "40.0%"),
        (0.00004, 1, "<0.1%"),
        (0, 1, "0.0%"),
        (None, 1, "–"),
        (float("nan"), 1, "–"),
        (1.632, 0, "163%"),
        (-0.294, 0, "−29%"),
        (-0.00004, 1, ">−0.1%"),
    ],
)
def test_a_percentage_never_shows_nothing_as_zero(value, digits, shown):
    assert text.percent(value, digits) == shown


@pytest.mark.parametrize(("value", "shown"), [(0.999, "99.9%"), (0.99995, "99.995%"), (0.95, "95%"), (None, "–")])
def test_a_target_is_told_without_rounding(value, shown):
    assert text.target(value) == shown


@pytest.mark.parametrize(
    ("locale", "language"), [("ja", "ja"), ("ja-JP", "ja"), ("en-US", "en"), ("jam", "en"), (None, "en")]
)
def test_the_language_for_a_locale(locale, language):
    assert text.preferred(locale) == language


@pytest.mark.parametrize(
    ("n", "said"), [(1, "1 item had no time"), (2, "2 items had no time"), (0, "0 items had no time")]
)
def test_one_is_not_told_as_many(n, said):
    assert text.say("en", "report.cut", n=n) == said


def test_japanese_sentences_of_a_page_are_polite_and_its_headings_are_nouns():
    """Formulas and worked numbers are in the plain style of a definition, as are the questions under the titles."""
    polite = re.compile(r"(です|ます|ません|ました|でした|ください)(か|（[^）]*）)?。$")
    plain = {"agenda.decided_owner", "agenda.decided_due", "guide_map.why"}  # "Owner: ...", no sentence
    for key, said in text.words("ja").items():
        if key.startswith("figure") or key.endswith((".question", ".title")) or key in plain:
            assert not (key.endswith(".title") and said.endswith("。")), key
            continue
        for sentence in re.findall(r"[^。]+。", said):
            assert polite.search(sentence), f"{key}: {sentence}"


def test_no_english_text_speaks_of_one_as_many():
    """A number before a plural is followed by {number:one|many}, or it is never 1."""
    plural = re.compile(
        r"\{(\w+)\} (?:(?!of )\w+ ){0,2}?"
        r"(days|items|records|practices|months|weeks|times|places|rows|incidents|claims|products)\b"
    )
    never_one = {"risk.log_after.many", "risk.log_silent.many", "one_list.more"}
    found = {key for key, said in text.words("en").items() if plural.search(said) and not key.startswith("figure_")}
    assert found <= never_one
