"""Write the worked numbers of all figures, and the pages that explain them: `make docs`.

maturity/text/worked.yaml    figure -> numbers of its worked example, as the sample's snapshot has them
docs/figures.md, .ja.md      what every figure means: formula, worked number, source, where it is computed

The questions stand in docs/figures.yaml; the words in maturity/text/.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
from pathlib import Path
from typing import Any

import duckdb
import yaml

from maturity import store, text
from maturity.cells import PAGES

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
WORKED = ROOT / "maturity" / "text" / "worked.yaml"
NAMES = {"en": DOCS / "figures.md", "ja": DOCS / "figures.ja.md"}


def questions() -> dict[str, dict[str, Any]]:
    """The entries of docs/figures.yaml, by figure."""
    return yaml.safe_load((DOCS / "figures.yaml").read_text(encoding="utf-8"))


def numbers(snapshot: Path) -> dict[str, dict[str, Any]]:
    """Numbers of each worked example, from a snapshot of the sample. A question has one answer, or this stops."""
    found = {}
    with duckdb.connect(str(snapshot), read_only=True) as con:
        for figure, entry in questions().items():
            rows = con.execute(entry["ask"]).fetchall()
            if len(rows) != 1 or None in rows[0]:
                raise SystemExit(f"docs/figures.yaml: {figure}: found {rows}, expected one row without gaps")
            found[figure] = {column[0]: _plain(value) for column, value in zip(con.description, rows[0], strict=True)}
    return found


def _plain(value: Any) -> Any:
    """A value as YAML has it. Sums over threads differ in their last bits, so ten digits are enough."""
    if isinstance(value, dt.date):
        return value
    number = float(f"{float(value):.10g}")
    return int(number) if number.is_integer() else number


def worked_text(found: dict[str, dict[str, Any]]) -> str:
    """The text of maturity/text/worked.yaml."""
    head = (
        "# Made by `make docs` from data/sample and docs/figures.yaml: the numbers of each figure's worked example.\n"
    )
    return head + yaml.safe_dump(found, sort_keys=False)


def pages_of(figure: str) -> list[str]:
    """Keys of the pages on which a figure explains itself."""
    asks = re.compile(rf'page\.(?:explain|figure)\(\s*"{figure}"')
    return [key for key, (file, *_) in PAGES.items() if asks.search((ROOT / file).read_text(encoding="utf-8"))]


def document(language: str) -> str:
    """The text of docs/figures.md in a language: figures by the page that shows them first."""

    def say(key: str, **values: object) -> str:
        return text.say(language, key, **values)

    lines = [f"# {say('figures_doc.title')}", "", say("figures_doc.intro"), ""]
    by_page: dict[str, list[str]] = {}
    for figure in questions():
        by_page.setdefault(pages_of(figure)[0], []).append(figure)
    for page in [key for key in PAGES if key in by_page]:
        lines += [f"## {say(f'{page}.title')}", ""]
        for figure in by_page[page]:
            home = questions()[figure]["home"].split()
            also = say("figures_doc.comma").join(say(f"{key}.title") for key in pages_of(figure))
            lines += [
                f"### {say(f'figure_name.{figure}')}",
                "",
                say(f"figure.{figure}"),
                "",
                f"- {say('explain.worked')}{say('figures_doc.colon')}{text.worked(language, figure)}",
                f"- {say('explain.source')}{say('figures_doc.colon')}{say(f'figure_source.{figure}')}",
                f"- {say('figures_doc.home')}{say('figures_doc.colon')}[{home[0]}](../{home[0]})"
                + (f" `{home[1]}`" if home[1:] else ""),
                f"- {say('figures_doc.shown')}{say('figures_doc.colon')}{also} (`{figure}`)",
                "",
            ]
    return "\n".join(lines)


def main(snapshots: Path) -> None:
    """Answer the questions with the published snapshot of a store, and write the three files."""
    WORKED.write_text(worked_text(numbers(store.current(snapshots))), encoding="utf-8")
    text.worked_numbers.cache_clear()
    for language, path in NAMES.items():
        path.write_text(document(language), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
