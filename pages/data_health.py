"""Whether the figures can be trusted: every source, its age, its rows, and what was rejected."""

import streamlit as st

from maturity import text
from maturity.ui import Page, open_page, place, places


def sources(page: Page) -> None:
    """Every file that was read."""
    page.section("sources")
    if page.review:
        st.caption(page.say("files_not_kept"))
        return
    frame = page.query("source_files")
    rows = [
        (
            r["file"],
            page.say(f".topic.{r['topic']}"),
            f"{r['rows']:,}",
            f"{r['accepted']:,}",
            f"{r['rejected']:,}" if r["rejected"] else "",
            text.moment(r["changed_at"]),
        )
        for r in frame.to_dict("records")
    ]
    page.table(
        [page.say(f"sources.{c}") for c in ("file", "topic", "rows", "accepted", "rejected", "changed")],
        rows,
        page.say("sources.title"),
        numeric=(2, 3, 4),
    )
    page.download(frame, "source_files")


def problems(page: Page) -> None:
    """What is wrong with the input, where, and what should stand there."""
    page.section("problems")
    frame = page.query("problems")
    if frame.empty:
        st.success(page.say("problems.none"), icon=":material/check:")
        return
    rows = [
        (page.say(f"problems.{r['level']}"), place(r["file"], r["line"]), r["field"], r["found"], r["expected"])
        for r in frame.to_dict("records")
    ]
    page.table(
        [page.say(f"problems.{c}") for c in ("level", "place", "field", "found", "expected")],
        rows,
        page.say("problems.title"),
    )
    page.download(frame, "problems")


def coverage(page: Page) -> None:
    """How much of each SLO's window was measured, and when data last came."""
    page.section("coverage")
    frame = page.query("slo_freshness")
    if frame.empty:
        page.empty("slos")
        return
    rows = [
        (
            page.to(page.word(r, "name"), "slo", slo=r["slo"]),
            text.percent(r["coverage"]),
            text.moment(r["last_start"]),
            text.number(r["bucket_seconds"] / 60 if r["bucket_seconds"] == r["bucket_seconds"] else None),
            text.number(r["buckets"]),
        )
        for r in frame.to_dict("records")
    ]
    page.table(
        [page.say(f"coverage.{c}") for c in ("slo", "coverage", "last", "bucket", "buckets")],
        rows,
        page.say("coverage.title"),
        numeric=(1, 3, 4),
    )
    page.explain("coverage_of_slo", [], places(frame))
    page.download(frame, "slo_coverage")


def quiet(page: Page) -> None:
    """Products that nobody assessed for long."""
    page.section("quiet")
    frame = page.query("levels", month=page.month)
    rows = [
        (
            page.to(page.product_name(r["product"]), "product", product=r["product"]),
            text.day(r["last_assessed_on"]),
            page.say("quiet.yes") if r["quiet"] or r["last_assessed_on"] != r["last_assessed_on"] else "",
            text.percent(r["coverage"]),
        )
        for r in frame.to_dict("records")
    ]
    page.table(
        [page.say(f"quiet.{c}") for c in ("product", "last", "quiet", "coverage")],
        rows,
        page.say("quiet.title"),
        numeric=(3,),
    )
    page.download(frame, "last_assessments")


page = open_page("data_health")
problems(page)
coverage(page)
quiet(page)
sources(page)
