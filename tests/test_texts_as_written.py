"""A text of an input file stands on a page as it was written: `$5k`, `*stars*` and `[links](x)` are no markup."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from streamlit.testing.v1 import AppTest
from test_pages import drive

from maturity import store, text
from maturity.ui import PAGES

MARKS = "$5k *to* $9k [here](x) :red[no] "
# Columns of people's words that are not called by their language.
PEOPLE = {"owner", "team", "assessor", "author", "approver", "found", "expected", "before_assessor", "after_assessor"}
# Elements whose texts Streamlit reads as Markdown.
READ_AS_MARKDOWN = (
    "markdown", "caption", "header", "subheader", "title", "alert", "page_link", "link_button", "button",
    "download_button", "radio", "button_group", "checkbox", "toggle", "metric", "expandable", "expander", "popover",
)  # fmt: skip
# What must be asked for a page to show most of what it can.
ASKED = {
    "practices": {"practice": "rec-02", "cell_product": "ragfinder"},
    "guide_map": {"practice": "slo-03"},
    "risk": {"risk": "SRR-2026-002"},
    "slo": {"slo": "mn-live-caption-ok"},
    "product": {"product": "voicedesk"},
}


@pytest.fixture(scope="module")
def marked(sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with marks before every text that a person wrote."""
    folder = tmp_path_factory.mktemp("marked") / "store"
    shutil.copytree(sample_store, folder)
    with duckdb.connect(str(store.current(folder))) as con:
        columns = con.execute("select table_name, column_name, data_type from information_schema.columns").fetchall()
        for table, column, kind in columns:
            if column.endswith(("_en", "_ja")) or column in PEOPLE:
                before = {"VARCHAR": f"$1 || {column}", "VARCHAR[]": f"list_transform({column}, x -> $1 || x)"}
                if kind in before:
                    con.execute(f'update "{table}" set {column} = {before[kind]} where {column} is not null', [MARKS])
    return folder


def read_as_markdown(app: AppTest) -> Iterator[tuple[str, str]]:
    """Kind and content of every element and fold whose texts are read as Markdown."""

    def walk(block: Any) -> Iterator[Any]:
        for child in getattr(block, "children", {}).values():
            yield child
            yield from walk(child)

    for element in walk(app._tree):
        if (kind := element.type) in READ_AS_MARKDOWN:
            yield kind, str(element.proto)


@pytest.mark.parametrize("page", PAGES)
def test_marks_in_the_texts_of_files_are_no_markup(monkeypatch: pytest.MonkeyPatch, marked: Path, page: str):
    app = drive(monkeypatch, marked, page, lang="en", **ASKED.get(page, {}))
    elements = list(read_as_markdown(app))
    assert any(kind == "title" for kind, _ in elements)
    # In the text of a protobuf message a backslash stands as two.
    assert [(kind, said) for kind, said in elements if re.search(r"(?<!\\)\$5k|(?<!\\)\*to|(?<!\\)\[here", said)] == []


@pytest.mark.parametrize(
    ("written", "escaped"),
    [
        pytest.param("costs $5k, saves $9k", r"costs \$5k, saves \$9k", id="money is no mathematics"),
        pytest.param("![a](http://b/c_d.png)", r"!\[a\](http://b/c_d.png)", id="a picture is not fetched"),
        pytest.param("see https://wiki/a_b*c, a_b", r"see https://wiki/a_b*c, a\_b", id="an address stays a link"),
        pytest.param("- one\n- two\n1. three", "- one\n- two\n1. three", id="lists stay lists"),
        pytest.param(
            "Total\n=====\nrest\n---", "Total\n\\=====\nrest\n\\---", id="a line under a text makes no heading"
        ),
        pytest.param("at 10:30:15, :red[x] R&D &lt;", r"at 10:30:15, \:red\[x\] R&D \&lt;", id="colons and ampersands"),
        pytest.param("C:\\temp", "C:\\\\temp", id="a backslash"),
    ],
)
def test_a_text_for_markdown_is_escaped_where_markdown_would_make_something_of_it(written: str, escaped: str):
    assert text.literal(written) == escaped
