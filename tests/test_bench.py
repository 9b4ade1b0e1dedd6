"""The measurements run, and every way that is measured gives the same budgets; how long they take is nobody's test."""

from __future__ import annotations

import pytest

from bench import slo


def test_all_ways_give_the_same_budgets(capsys: pytest.CaptureFixture):
    slo.main(["--slos", "4", "--days", "30", "--times", "1", "--repeats", "1", "--prometheus", "0"])
    said = capsys.readouterr().out
    for way in slo.WAYS:
        assert f"| {way} |" in said


def test_ways_that_disagree_stop_the_run():
    slo.agree({"build": 1.0, "careful_pandas": 1.0 + 1e-12})
    with pytest.raises(SystemExit, match="do not agree"):
        slo.agree({"build": 1.0, "careful_pandas": 1.00001})
