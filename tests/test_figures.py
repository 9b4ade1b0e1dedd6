"""Every figure has a formula, a source and a worked number, which is computed again here and whose sums are done."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from given import ROOT

from docs import make_figures
from maturity import text

FIGURES = [key.split(".")[1] for key in text.words("en") if key.startswith("figure.")]
SIGNS = {"÷": "/", "×": "*", "−": "-", "≥": ">=", "≤": "<="}
COMPARE = {
    "=": lambda left, right, half: abs(left - right) <= half,
    "<": lambda left, right, _: left < right,
    ">": lambda left, right, _: left > right,
    "<=": lambda left, right, _: left <= right,
    ">=": lambda left, right, _: left >= right,
}


def calculated(words: str) -> float:
    """A sum of numbers, per cent, brackets and the four signs."""
    plain = re.sub(r"([\d.]+)%", r"(\1/100)", words)
    assert re.fullmatch(r"[\d.()+\-*/ ]+", plain), words
    return eval(plain)


def holds(words: str) -> bool:
    """Whether `left sign right` is true. An `=` allows for the rounding of the numbers as they are shown."""
    for sign, plain in SIGNS.items():
        words = words.replace(sign, plain)
    left, sign, right = re.fullmatch(r"(.+?) ([<>]=?|=) (.+)", words).groups()
    digits = len(right.rstrip("%").partition(".")[2]) + 2 * right.endswith("%")
    return COMPARE[sign](calculated(left), calculated(right), 0.6 * 10**-digits)


@pytest.fixture(scope="module")
def numbers(sample_snapshot: Path) -> dict:
    return make_figures.numbers(sample_snapshot)


@pytest.mark.parametrize(
    ("words", "true"),
    [
        ("437 ÷ ((1 − 0.998) × 133779) = 163.3%", True),
        ("437 ÷ ((1 − 0.998) × 133779) = 163.5%", False),
        ("2 + 2 = 5", False),
        ("385 > 2 × 180", True),
        ("19.1% < 2%", False),
    ],
)
def test_a_wrong_sum_is_found(words, true):
    assert holds(words) is true


def test_every_figure_has_a_question_to_the_sample():
    assert make_figures.questions().keys() == set(FIGURES)


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize("language", text.LANGUAGES)
def test_a_figure_has_a_name_a_source_and_a_worked_number_whose_sums_are_right(language, figure):
    for part in ("figure_name", "figure_source"):
        assert text.say(language, f"{part}.{figure}")
    said = text.words(language)[f"figure_worked.{figure}"]
    assert re.search(r"\{\w+", said), "no number of it comes from the sample"
    used = set(re.findall(r"\{(\w+)", said))
    assert used <= text.worked_numbers()[figure].keys()
    sums = re.findall(r"`([^`]+)`", text.worked(language, figure))
    assert [words for words in sums if not holds(words)] == []


@pytest.mark.parametrize("figure", FIGURES)
def test_both_languages_do_the_same_sums(figure):
    sums = {language: re.findall(r"`([^`]+)`", text.worked(language, figure)) for language in text.LANGUAGES}
    assert sums["en"] == sums["ja"]


def test_the_worked_numbers_are_those_that_the_views_and_functions_give(numbers):
    assert text.worked_numbers() == numbers, "run: make docs"
    assert make_figures.WORKED.read_text(encoding="utf-8") == make_figures.worked_text(numbers), "run: make docs"


@pytest.mark.parametrize("language", text.LANGUAGES)
def test_the_page_of_figures_is_up_to_date(language):
    assert make_figures.NAMES[language].read_text(encoding="utf-8") == make_figures.document(language), "run: make docs"


@pytest.mark.parametrize("figure", FIGURES)
def test_where_a_figure_is_computed_and_shown_exists(figure):
    file, *function = make_figures.questions()[figure]["home"].split()
    source = (ROOT / Path(file)).read_text(encoding="utf-8")
    assert not function or f"def {function[0]}(" in source
    assert make_figures.pages_of(figure)
