"""The measurements run, and every way that is measured gives the same budgets; how long they take is nobody's test."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from given import ROOT
from served import chromium

from bench import scenes, slo


def test_all_ways_give_the_same_budgets(capsys: pytest.CaptureFixture):
    slo.main(["--slos", "4", "--days", "30", "--times", "1", "--repeats", "1", "--prometheus", "0"])
    said = capsys.readouterr().out
    for way in slo.WAYS:
        assert f"| {way} |" in said


def test_ways_that_disagree_stop_the_run():
    slo.agree({"build": 1.0, "careful_pandas": 1.0 + 1e-12})
    with pytest.raises(SystemExit, match="do not agree"):
        slo.agree({"build": 1.0, "careful_pandas": 1.00001})


DASH = ROOT / "build" / "dash" / "bin" / "python"  # made by `make bench-pages`


@pytest.mark.browser
def test_every_page_is_drawn_narrowed_and_clicked_by_viewers_beside_the_yardsticks():
    if chromium() is None and not os.environ.get("CI"):
        pytest.skip("chromium is not installed (Debian: apt-get install chromium)")
    few = ["--products=60", "--slos=20", "--risks=60", "--repeats=1", "--clicks=1", "--thinking=2", "--together=2"]
    few += ["--dash", str(DASH)] if DASH.exists() else []
    # In a process of its own: two browsers driven by one loop do not get on. One click of a kind, and nobody looks at
    # an answer for a second.
    code = f"from bench import pages, scenes; scenes._LOOK_MS = 300; scenes._MOST = 1; pages.main({few})"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    said = run.stdout
    for scene in (*scenes.OURS, scenes.BARE):
        assert said.count(f"| {scene.name} |") == 2, "once in the browser, once over websockets"
    assert said.count(f"| {scenes.DASH.name} |") == DASH.exists()
