"""OWASP DSOMM: models, progress, evidence, and the history that a series of files or commits holds."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
from pathlib import Path

import pytest
from given import TESTS, over_tiny, read

from maturity.falls import falls
from maturity.levels import Adoption
from maturity.records.guide_map import Assessment
from maturity.records.problems import Loaded

A, B, C = (f"aaaaaaaa-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
META = "progressDefinition: {Open: 0%, Begun: 20%, Half: 0.5, Done: {score: 1}}\nteams: [Red, Blue]\n"
MODEL = f"""\
Build:
  Pipeline:
    First: {{uuid: {A}, level: 1, risk: r}}
    Second: {{uuid: {B}, level: 1, risk: r}}
"""
SOURCE = "sources:\n  - {id: ds, kind: dsomm, path: imports/ds, products: {Red: alpha, Blue: beta}, "
SOURCE += f"practices: {{{A}: inc-01, Second: inc-02}}"
FILE = "imports/ds/team-progress.yaml"


def progress(stages: dict[str, str], team: str = "Red", uuid: str = A) -> str:
    """A progress file of one activity and one team; the first stage stands on line 4."""
    rows = "".join(f"      {stage}: {day}\n" for stage, day in stages.items())
    return f"progress:\n  {uuid}:\n    {team}:\n{rows}"


def folder_of(to: Path, options: str = "", **files: str) -> Path:
    """`tests/tiny` with a DSOMM source; files lie in its folder."""
    given = {"meta.yaml": META, "model.yaml": MODEL} | files
    texts = {f"imports/ds/{name}": text for name, text in given.items() if text is not None}
    return over_tiny(to, None, **{"sources.yaml": f"{SOURCE}{options}}}\n"}, **texts)


def reads(folder: Path) -> tuple[list[Loaded[Assessment]], list[str]]:
    """What came from DSOMM, and every message."""
    reading, messages = read(folder)
    return [a for a in reading.bundle.assessments if a.file.startswith("imports/")], messages


def said(found: list[Loaded[Assessment]]) -> list[tuple[str, float]]:
    return [(str(a.record.assessed_on), a.record.share) for a in found]


def one_file(to: Path, text: str, options: str = "", **files: str) -> tuple[list[tuple[str, float]], list[str]]:
    found, messages = reads(folder_of(to / "data", options, **{"team-progress.yaml": text}, **files))
    return said(found), messages


def series(to: Path, *texts: str, **files: str) -> tuple[list[Loaded[Assessment]], list[str]]:
    """Dated files, a month apart, from 2025-10-01 on."""
    named = {
        f"team-progress-2025-{month}-01.yaml": text for month, text in zip(("10", "11", "12"), texts, strict=False)
    }
    return reads(folder_of(to / "data", **named, **files))


# ------------------------------------------------------------------------------------------------------- one file


def test_each_stage_becomes_a_dated_statement_with_its_line(tmp_path: Path):
    folder = folder_of(
        tmp_path / "data", **{"team-progress.yaml": progress({"Begun": "2025-10-01", "Done": "2025-12-01"})}
    )
    found, messages = reads(folder)
    assert messages == []
    assert [(a.file, a.line, a.record.product, a.record.practice) for a in found] == [
        (FILE, 4, "alpha", "inc-01"),
        (FILE, 5, "alpha", "inc-01"),
    ]
    assert said(found) == [("2025-10-01", 0.2), ("2025-12-01", 1)]
    assert {a.record.assessor for a in found} == {"Red"}


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        ({"Done": "2025-12-01"}, [("2025-12-01", 1)]),
        ({"Begun": "2025-10-01", "Done": "2025-12-01"}, [("2025-10-01", 0.2), ("2025-12-01", 1)]),
        ({"Begun": "2025-10-01", "Half": "2025-10-01"}, [("2025-10-01", 0.5)]),
        ({"Done": "2025-12-01", "Half": "2025-11-01", "Begun": "2025-10-01"},
         [("2025-10-01", 0.2), ("2025-11-01", 0.5), ("2025-12-01", 1)]),
        ({"Begun": "2025-10-01T08:30:00.000Z"}, [("2025-10-01", 0.2)]),
    ],
    ids=["only the last", "a stage skipped", "two on a day: the highest", "in any order", "a moment"],
)  # fmt: skip
def test_which_statements_stages_make(tmp_path: Path, stages: dict, expected: list):
    assert one_file(tmp_path, progress(stages)) == (expected, [])


def test_a_lower_stage_dated_later_is_no_fall_but_a_warning(tmp_path: Path):
    found, messages = one_file(tmp_path, progress({"Done": "2025-10-01", "Half": "2025-11-01"}))
    assert found == [("2025-10-01", 1)]
    assert messages == [
        f"{FILE}:4: warning: progress.{A}.Red.Done: found 2025-10-01, expected a date not before 2025-11-01 of 'Half'"
    ]


@pytest.mark.parametrize("text", ["progress:\n", "progress: null\n", "progress: {}\n"])
def test_a_progress_file_in_which_nothing_was_reached_says_nothing(tmp_path: Path, text: str):
    assert one_file(tmp_path, text) == ([], [])


def test_scores_may_be_per_cent_numbers_or_quoted_and_only_they_give_the_order(tmp_path: Path):
    meta = "progressDefinition: {Zero: {score: 1}, Done: {score: '0%'}, First: {score: '0.25'}, Begun: 75 %}\n"
    text = progress({"Begun": "2025-10-03", "First": "2025-10-02", "Zero": "2025-10-04"})
    found, messages = one_file(tmp_path, text, **{"meta.yaml": meta})
    assert (found, messages) == ([("2025-10-02", 0.25), ("2025-10-03", 0.75), ("2025-10-04", 1)], [])


def test_scores_that_are_none_and_a_scale_without_its_ends_are_told(tmp_path: Path):
    meta = "progressDefinition:\n  Begun: some\n  Half: 120%\n  Done: 0.9\n  Idle: {definition: x}\n"
    found, messages = one_file(tmp_path, progress({"Done": "2025-10-01"}), **{"meta.yaml": meta})
    assert found == [("2025-10-01", 0.9)]
    assert messages == [
        "imports/ds/meta.yaml:1: progressDefinition: found the scores 90%, expected a stage of 0% and one of 100%",
        "imports/ds/meta.yaml:2: progressDefinition.Begun: found 'some', expected a score from 0 to 1, "
        "such as 20% or 0.2",
        "imports/ds/meta.yaml:3: progressDefinition.Half: found '120%', expected a score from 0 to 1, "
        "such as 20% or 0.2",
        "imports/ds/meta.yaml:5: progressDefinition.Idle.score: found nothing, expected a score from 0 to 1, "
        "such as 20% or 0.2",
    ]


def test_a_stage_that_nobody_defines_is_left_out_and_told(tmp_path: Path):
    found, messages = one_file(tmp_path, progress({"Begun": "2025-10-01", "Finished": "2025-11-01"}))
    assert found == [("2025-10-01", 0.2)]
    assert messages == [
        f"{FILE}:5: warning: stage: found 'Finished', unknown (1 entry not loaded), expected a stage of "
        "progressDefinition in meta.yaml (Open, Begun, Half, Done), or an entry in stages: of source ds"
    ]


def test_the_source_gives_old_stages_a_score_and_names_who_says_it(tmp_path: Path):
    text = progress({"Finished": "2025-11-01"})
    folder = folder_of(tmp_path / "data", ", stages: {Finished: 0.9}, assessor: Ito", **{"team-progress.yaml": text})
    found, messages = reads(folder)
    assert (said(found), found[0].record.assessor, messages) == ([("2025-11-01", 0.9)], "Ito", [])


def test_without_any_score_nothing_is_loaded(tmp_path: Path):
    found, messages = one_file(tmp_path, progress({"Done": "2025-11-01"}), **{"meta.yaml": "teams: [Red]\n"})
    assert (found, messages) == ([], [
        "imports/ds/meta.yaml:1: progressDefinition: found nothing, expected progressDefinition with the score of each "
        "stage, or stages: in the source"
    ])  # fmt: skip


@pytest.mark.parametrize("name", ["no", "yes", "010", "1e3", "null", "2026-01-01"])
def test_a_team_may_be_called_like_something_else_in_yaml(tmp_path: Path, name: str):
    source = SOURCE.replace("Red: alpha", f"'{name}': alpha")
    meta = META.replace("Red", f"'{name}'")
    text = progress({"Done": "2025-10-01"}, team=name)
    folder = folder_of(tmp_path / "data", **{"team-progress.yaml": text, "meta.yaml": meta})
    (folder / "sources.yaml").write_text(source + "}\n")
    found, messages = reads(folder)
    assert (said(found), found[0].record.assessor, messages) == ([("2025-10-01", 1)], name, [])


def test_a_team_that_meta_does_not_list_counts_where_it_is_mapped(tmp_path: Path):
    found, messages = one_file(tmp_path, progress({"Done": "2025-10-01"}), **{"meta.yaml": META.replace("Red, ", "")})
    assert found == [("2025-10-01", 1)]
    assert messages == [
        f"{FILE}:3: warning: team: found 'Red', expected one of teams in meta.yaml (Blue); loaded all the same"
    ]


def test_unknown_teams_and_activities_are_counted_and_told(tmp_path: Path):
    text = f"progress:\n  {A}:\n    Green: {{Done: 2025-10-01}}\n  {C}:\n    Green: {{Done: 2025-10-01}}\n"
    found, messages = one_file(tmp_path, text)
    assert found == []
    assert messages == [
        f"{FILE}:3: warning: product: found 'Green', unknown (2 entries not loaded), expected a product's id or name, "
        "or an entry in products: or ignore: of source ds",
        f"{FILE}:5: warning: practice: found '{C}', unknown (1 entry not loaded), expected a practice's id or name, "
        "or an entry in practices: or ignore: of source ds",
    ]


def test_what_the_source_ignores_is_not_told(tmp_path: Path):
    text = f"progress:\n  {A}:\n    Green: {{Done: 2025-10-01}}\n  {C}:\n    Red: {{Done: 2025-10-01}}\n"
    text += f"  {B}:\n    Red: {{Done: 2025-10-01}}\n"
    assert one_file(tmp_path, text, f", ignore: [green, {C}, Pipeline]") == ([], [])


def test_an_activity_is_also_found_by_its_name_in_the_model(tmp_path: Path):
    folder = folder_of(tmp_path / "data", **{"team-progress.yaml": progress({"Done": "2025-10-01"}, uuid=B)})
    found, messages = reads(folder)
    assert ([a.record.practice for a in found], messages) == (["inc-02"], [])


def test_of_two_teams_of_one_product_the_lower_one_counts(tmp_path: Path):
    text = f"progress:\n  {A}:\n    Red: {{Begun: 2025-09-01, Done: 2025-10-01}}\n"
    text += "    Pink: {Begun: 2025-09-15, Half: 2025-10-15, Done: 2025-12-01}\n"
    folder = folder_of(tmp_path / "data", **{"team-progress.yaml": text, "meta.yaml": META.replace("Blue", "Pink")})
    (folder / "sources.yaml").write_text(SOURCE.replace("Blue: beta", "Pink: alpha") + "}\n")
    found, messages = reads(folder)
    assert messages == []
    assert said(found) == [("2025-09-01", 0), ("2025-09-15", 0.2), ("2025-10-15", 0.5), ("2025-12-01", 1)]


# --------------------------------------------------------------------------------------------------------- a series


def test_a_stage_that_vanishes_is_a_fall_on_the_day_of_the_later_file(tmp_path: Path):
    first = progress({"Begun": "2025-09-01", "Half": "2025-09-10", "Done": "2025-09-20"})
    found, messages = series(tmp_path, first, progress({"Begun": "2025-09-01"}))
    assert messages == []
    assert said(found) == [("2025-09-01", 0.2), ("2025-09-10", 0.5), ("2025-09-20", 1), ("2025-11-01", 0.2)]
    fall = found[-1]
    assert (fall.file, fall.line) == ("imports/ds/team-progress-2025-11-01.yaml", 4)
    assert fall.record.note == "gone: 'Half', 'Done', last seen in imports/ds/team-progress-2025-10-01.yaml"


def test_a_stage_that_comes_back_with_its_old_date_is_dated_by_the_file_that_shows_it(tmp_path: Path):
    full, less = progress({"Begun": "2025-09-01", "Done": "2025-09-20"}), progress({"Begun": "2025-09-01"})
    found, messages = series(tmp_path, full, less, full)
    assert messages == []
    assert said(found)[-2:] == [("2025-11-01", 0.2), ("2025-12-01", 1)]
    assert (found[-1].file, found[-1].line) == ("imports/ds/team-progress-2025-12-01.yaml", 5)
    assert found[-1].record.note == "'Done' stands there with the date 2025-09-20"


def test_a_stage_reached_anew_keeps_its_own_date(tmp_path: Path):
    less = progress({"Begun": "2025-09-01"})
    found, _ = series(tmp_path, progress({"Done": "2025-09-20"}), less, progress({"Done": "2025-11-20"}))
    assert said(found) == [("2025-09-20", 1), ("2025-11-01", 0.2), ("2025-11-20", 1)]


def test_a_lower_stage_that_vanishes_changes_nothing(tmp_path: Path):
    full = progress({"Begun": "2025-09-01", "Done": "2025-09-20"})
    found, messages = series(tmp_path, full, progress({"Done": "2025-09-20"}))
    assert (said(found), messages) == ([("2025-09-01", 0.2), ("2025-09-20", 1)], [])


def test_a_file_that_says_the_same_again_adds_nothing(tmp_path: Path):
    full = progress({"Begun": "2025-09-01", "Done": "2025-09-20"})
    found, messages = series(tmp_path, full, full, full)
    assert (len(found), messages) == (2, [])


def test_a_changed_date_is_told_and_a_later_one_is_a_statement(tmp_path: Path):
    found, messages = series(tmp_path, progress({"Done": "2025-09-20"}), progress({"Done": "2025-10-20"}))
    assert said(found) == [("2025-09-20", 1), ("2025-10-20", 1)]
    assert messages == [
        f"imports/ds/team-progress-2025-11-01.yaml:4: warning: progress.{A}.Red.Done: found 2025-10-20, "
        "expected 2025-09-20 as in imports/ds/team-progress-2025-10-01.yaml"
    ]


def test_a_team_back_at_nothing_is_a_fall_to_zero(tmp_path: Path):
    both = f"progress:\n  {A}:\n    Red: {{Done: 2025-09-20}}\n    Blue: {{Done: 2025-09-20}}\n"
    found, messages = series(tmp_path, both, progress({"Done": "2025-09-20"}, team="Blue"))
    assert messages == []
    alpha = [a for a in found if a.record.product == "alpha"]
    assert said(alpha) == [("2025-09-20", 1), ("2025-11-01", 0)]
    assert (alpha[-1].file, alpha[-1].line) == ("imports/ds/team-progress-2025-11-01.yaml", 2)


def test_an_activity_that_the_model_still_has_and_nobody_has_begun_is_a_fall_to_zero(tmp_path: Path):
    two = progress({"Done": "2025-09-20"}) + f"  {B}:\n    Red: {{Half: 2025-09-20}}\n"
    found, messages = series(tmp_path, two, progress({"Done": "2025-09-20"}))
    assert messages == []
    assert said([a for a in found if a.record.practice == "inc-02"]) == [("2025-09-20", 0.5), ("2025-11-01", 0)]


def test_a_team_that_vanishes_altogether_is_told_and_says_nothing_more(tmp_path: Path):
    both = f"progress:\n  {A}:\n    Red: {{Done: 2025-09-20}}\n    Blue: {{Done: 2025-09-20}}\n"
    gone = progress({"Done": "2025-09-20"}, team="Blue")
    found, messages = series(tmp_path, both, gone, gone, **{"meta.yaml": META.replace("Red, ", "")})
    assert said(found) == [("2025-09-20", 1), ("2025-09-20", 1)]
    assert messages == [
        "imports/ds/team-progress-2025-11-01.yaml:1: warning: team: found nothing of 'Red', which stood in "
        "imports/ds/team-progress-2025-10-01.yaml, expected the team, or its new name mapped to the same product; "
        "its last state stays"
    ]


def test_an_activity_that_left_the_model_is_told_and_says_nothing_more(tmp_path: Path):
    one = progress({"Done": "2025-09-20"}, uuid=B)
    two = one + f"  {A}:\n    Red: {{Half: 2025-09-20}}\n"
    model = MODEL.replace(f"    First: {{uuid: {A}, level: 1, risk: r}}\n", "")
    found, messages = series(tmp_path, one, two, one, **{"model.yaml": model})
    assert said([a for a in found if a.record.practice == "inc-01"]) == [("2025-09-20", 0.5)]
    assert [m for m in messages if "activity" in m] == [
        f"imports/ds/team-progress-2025-12-01.yaml:1: warning: activity: found nothing of '{A}', which stood in "
        "imports/ds/team-progress-2025-11-01.yaml, expected the activity, or its new uuid mapped to the same practice; "
        "its last state stays"
    ]


def test_a_renamed_team_goes_on_where_both_names_are_mapped(tmp_path: Path):
    names = {"team-progress-2025-10-01.yaml": progress({"Done": "2025-09-20"}, team="Old")}
    names |= {"team-progress-2025-11-01.yaml": progress({"Done": "2025-09-20"}, team="Red")}
    names |= {"team-progress-2025-12-01.yaml": progress({"Begun": "2025-09-20"}, team="Red")}
    folder = folder_of(tmp_path / "data", **names)
    (folder / "sources.yaml").write_text(SOURCE.replace("Red: alpha", "Red: alpha, Old: alpha") + "}\n")
    found, messages = reads(folder)
    assert (said(found), messages) == ([("2025-09-20", 1), ("2025-12-01", 0.2)], [])


def test_a_team_that_was_away_and_comes_back_lower_has_fallen(tmp_path: Path):
    away = progress({"Done": "2025-09-20"}, team="Blue")
    both = [away + f"    Red: {{{stage}: 2025-09-20}}\n" for stage in ("Done", "Begun")]
    found, _ = series(tmp_path, both[0], away, both[1], **{"meta.yaml": META.replace("Red, ", "")})
    assert said([a for a in found if a.record.product == "alpha"]) == [("2025-09-20", 1), ("2025-12-01", 0.2)]


def test_an_empty_file_in_a_series_is_passed_over(tmp_path: Path):
    full = progress({"Done": "2025-09-20"})
    found, messages = series(tmp_path, full, "progress:\n", full)
    assert said(found) == [("2025-09-20", 1)]
    assert messages == [
        "imports/ds/team-progress-2025-11-01.yaml:1: warning: progress: found nothing, after "
        "imports/ds/team-progress-2025-10-01.yaml, expected what teams have reached; this file is passed over"
    ]


def test_dated_folders_are_a_series_too(tmp_path: Path):
    full, less = progress({"Begun": "2025-09-01", "Done": "2025-09-20"}), progress({"Begun": "2025-09-01"})
    files = {"2025-10-01/team-progress.yaml": full, "2025-11-01/team-progress.yaml": less}
    files |= {"2025-11-01/meta.yaml": META, "2025-11-01/model.yaml": MODEL, "meta.yaml": None, "model.yaml": None}
    found, messages = reads(folder_of(tmp_path / "data", **files))
    assert (said(found), messages) == ([("2025-09-01", 0.2), ("2025-09-20", 1), ("2025-11-01", 0.2)], [])
    assert found[-1].file == "imports/ds/2025-11-01/team-progress.yaml"


def test_files_of_a_series_without_a_day_or_with_the_same_day_are_told(tmp_path: Path):
    text = progress({"Done": "2025-09-20"})
    files = ["team-progress.yaml", "team-progress-2025-13-01.yaml", "2025-10-01/team-progress.yaml"]
    files += ["team-progress-2025-10-01.yaml"]
    found, messages = reads(folder_of(tmp_path / "data", **dict.fromkeys(files, text)))
    assert len(found) == 1
    assert messages == [
        "imports/ds/team-progress-2025-10-01.yaml:1: file: found the date 2025-10-01 in its name, expected one file a "
        "day; imports/ds/2025-10-01/team-progress.yaml is read",
        "imports/ds/team-progress-2025-13-01.yaml:1: file: found the date 2025-13-01 in its name, expected a date such "
        "as 2026-01-15",
        f"{FILE}:1: warning: file: found a file without a date, expected a date in its name; it is not read beside "
        "dated files",
    ]


# --------------------------------------------------------------------------------------------------------- Git


def git(repository: Path, *arguments: str, on: str = "2025-10-01") -> str:
    when = f"{on}T12:00:00+09:00"
    named = ["-c", "user.name=kim", "-c", "user.email=kim@example.com", "-c", "commit.gpgsign=false"]
    environment = os.environ | {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
    command = ["git", *named, *arguments]
    return subprocess.run(command, cwd=repository, env=environment, check=True, capture_output=True, text=True).stdout


def commit(folder: Path, text: str, on: str, name: str = FILE) -> str:
    """Commit a progress file on a day; the short id of the commit."""
    (folder / name).write_text(text)
    git(folder, "add", ".", on=on)
    git(folder, "commit", "-qm", on, on=on)
    return git(folder, "rev-parse", "HEAD").strip()[:7]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A data folder that is a Git repository, with a source that reads its commits."""
    folder = folder_of(tmp_path / "data", ", history: git")
    git(folder, "init", "-q", "-b", "main")
    return folder


FULL = progress({"Begun": "2025-09-01", "Done": "2025-09-20"})
LESS = progress({"Begun": "2025-09-01"})


def test_a_status_lowered_between_two_commits_is_a_regression(repository: Path):
    first = commit(repository, FULL, "2025-10-01")
    later = commit(repository, LESS, "2025-12-01")
    reading, messages = read(repository)
    assert messages == []
    found = [a for a in reading.bundle.assessments if a.file.startswith("imports/")]
    assert [(str(a.record.assessed_on), a.record.share, f"{a.file}:{a.line}") for a in found] == [
        ("2025-09-01", 0.2, f"{FILE}@{first}:4"),
        ("2025-09-20", 1, f"{FILE}@{first}:5"),
        ("2025-12-01", 0.2, f"{FILE}@{later}:4"),
    ]
    assert found[-1].record.note == f"gone: 'Done', last seen in {FILE}@{first}"
    (fall,) = falls(Adoption.of(reading.bundle), dt.date(2026, 1, 31))
    assert (fall.product, fall.practice, fall.cause, fall.regression) == ("alpha", "inc-01", "decline", True)
    assert (str(fall.on), fall.from_state, fall.to_state) == ("2025-12-01", "adopted", "partial")


def test_the_same_commits_give_the_same_statements_and_one_line_of_data_health(repository: Path):
    for text, on in ((FULL, "2025-10-01"), (LESS, "2025-11-01"), (FULL, "2025-12-01")):
        commit(repository, text, on)
    once, again = reads(repository), reads(repository)
    assert once == again
    assert said(once[0]) == [("2025-09-01", 0.2), ("2025-09-20", 1), ("2025-11-01", 0.2), ("2025-12-01", 1)]
    files = [(f.file, f.topic, f.rows, f.accepted) for f in read(repository)[0].bundle.files if "progress" in f.file]
    assert files == [(FILE, "assessments", 3, 3)]


def test_of_one_day_the_last_commit_counts(repository: Path):
    for text, on in ((FULL, "2025-10-01"), (LESS, "2025-11-01"), (FULL, "2025-11-01")):
        commit(repository, text, on)
    assert said(reads(repository)[0]) == [("2025-09-01", 0.2), ("2025-09-20", 1)]


def test_a_file_is_followed_through_its_renames(repository: Path):
    old = "imports/ds/progress of teams.yaml"
    first = commit(repository, FULL, "2025-10-01", old)
    git(repository, "mv", old, FILE, on="2025-10-15")
    git(repository, "commit", "-qm", "rename", on="2025-10-15")
    commit(repository, LESS, "2025-11-01")
    found, messages = reads(repository)
    assert messages == []
    assert said(found) == [("2025-09-01", 0.2), ("2025-09-20", 1), ("2025-11-01", 0.2)]
    assert found[0].file == f"{FILE}@{first}"


def test_branches_side_by_side_are_no_fall(repository: Path):
    second = f"  {B}:\n    Red: {{Done: 2025-10-05}}\n"
    commit(repository, LESS, "2025-10-01")
    git(repository, "checkout", "-qb", "side")
    commit(repository, LESS + second, "2025-10-11")
    git(repository, "checkout", "-q", "main")
    commit(repository, FULL, "2025-10-10")
    git(repository, "merge", "-q", "--no-commit", "-s", "ours", "side", on="2025-10-13")
    merged = commit(repository, FULL + second, "2025-10-13")
    found, messages = reads(repository)
    assert messages == []
    assert [(a.record.practice, a.record.share) for a in found] == [("inc-01", 0.2), ("inc-01", 1), ("inc-02", 1)]
    assert found[-1].file == f"{FILE}@{merged}"


def test_a_commit_with_a_broken_file_is_told_and_passed_over(repository: Path):
    commit(repository, FULL, "2025-10-01")
    broken = commit(repository, "progress: [\n", "2025-10-15")
    odd = commit(repository, FULL + "      Half: soon\n", "2025-10-20")
    commit(repository, LESS, "2025-11-01")
    found, messages = reads(repository)
    assert said(found) == [("2025-09-01", 0.2), ("2025-09-20", 1), ("2025-11-01", 0.2)]
    assert messages == sorted([
        f"{FILE}@{broken}:2: warning: yaml: found a syntax error (did not find expected node content), "
        "expected well-formed YAML",
        f"{FILE}@{odd}:6: warning: progress.{A}.Red.Half: found 'soon', expected a date such as 2026-01-15",
    ])  # fmt: skip


def test_changes_without_a_commit_are_not_read_and_told(repository: Path):
    commit(repository, FULL, "2025-10-01")
    (repository / FILE).write_text(LESS)
    found, messages = reads(repository)
    assert said(found) == [("2025-09-01", 0.2), ("2025-09-20", 1)]
    assert messages == [
        f"{FILE}:1: warning: file: found changes without a commit, expected a commit; only what is committed is read"
    ]


def test_a_shallow_clone_is_told(repository: Path, tmp_path: Path):
    commit(repository, FULL, "2025-10-01")
    commit(repository, LESS, "2025-11-01")
    git(tmp_path, "clone", "-q", "--depth", "1", repository.as_uri(), "shallow")
    found, messages = reads(tmp_path / "shallow")
    assert said(found) == [("2025-09-01", 0.2)]
    assert messages == [
        "sources.yaml:2: warning: history: found a shallow clone, expected the whole history (git fetch --unshallow)"
    ]


WANTED = f"expected a Git repository whose commits hold {FILE}, or history: files"


def test_a_folder_outside_a_repository_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    folder = folder_of(tmp_path / "data", ", history: git", **{"team-progress.yaml": FULL})
    assert reads(folder) == ([], [f"sources.yaml:2: history: found no Git repository, {WANTED}"])


def test_a_machine_without_git_is_told(repository: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "")
    assert reads(repository) == ([], [f"sources.yaml:2: history: found no program git, {WANTED}"])


def test_a_file_that_was_never_committed_is_told(repository: Path):
    git(repository, "commit", "-qm", "empty", "--allow-empty")
    (message,) = reads(repository)[1]
    assert message == f"sources.yaml:2: history: found no commit with team-progress.yaml, {WANTED}"


# ------------------------------------------------------------------------------------------------------- evidence


def record(
    on: str, title: str = "Log", reviewer: str | None = None, url: str | None = "https://example.com/log"
) -> str:
    lines = [f"    - id: {title}", "      teams: [Red]", f"      title: {title}", f"      evidenceRecorded: {on}"]
    lines += [f"      reviewer: {reviewer}"] if reviewer else []
    lines += ["      description: What was seen."]
    lines += [f"      attachment: [{{type: link, externalLink: '{url}'}}]"] if url else []
    return "\n".join(lines) + "\n"


def with_evidence(to: Path, *records: str, stages: dict | None = None) -> tuple[list[Loaded[Assessment]], list[str]]:
    text = f"evidence:\n  {A}:\n{''.join(records)}" if records else "evidence:\n"
    stages = stages or {"Begun": "2025-10-01", "Done": "2025-12-01"}
    return reads(folder_of(to / "data", **{"team-progress.yaml": progress(stages), "team-evidence.yaml": text}))


def test_no_evidence_yet_is_fine(tmp_path: Path):
    assert [a.record.evidence for a in with_evidence(tmp_path)[0]] == [None, None]


def test_evidence_on_the_way_to_a_stage_backs_the_statement_that_follows(tmp_path: Path):
    found, messages = with_evidence(tmp_path, record("2025-11-10"))
    assert (said(found), messages) == ([("2025-10-01", 0.2), ("2025-12-01", 1)], [])
    evidence = found[1].record.evidence
    assert (evidence.kind, evidence.url, str(evidence.on)) == ("link", "https://example.com/log", "2025-11-10")
    assert (found[0].record.evidence, found[1].record.note) == (None, "Log")


def test_evidence_after_the_last_statement_is_a_look_at_the_same_share(tmp_path: Path):
    found, messages = with_evidence(tmp_path, record("2026-01-10", reviewer="Ito"))
    assert (said(found), messages) == ([("2025-10-01", 0.2), ("2025-12-01", 1), ("2026-01-10", 1)], [])
    last = found[-1].record
    assert (last.evidence.kind, last.evidence.reviewer, str(last.confirmed_on)) == ("reviewed", "Ito", "2026-01-10")
    assert (found[-1].file, found[-1].line) == ("imports/ds/team-evidence.yaml", 3)


def test_evidence_without_an_address_is_a_note(tmp_path: Path):
    found, messages = with_evidence(tmp_path, record("2026-01-10", reviewer="Ito", url=None))
    assert messages == []
    last = found[-1].record
    assert (last.evidence, last.note) == (None, "Log (2026-01-10 by Ito); What was seen.")
    assert str(last.confirmed_on) == "2026-01-10"


def test_of_several_records_the_reviewed_one_counts_and_the_note_has_all(tmp_path: Path):
    records = record("2025-11-10", "Review", "Ito", "https://example.com/r"), record("2025-11-20", "Later")
    found, _ = with_evidence(tmp_path, *records)
    assert (found[1].record.evidence.url, found[1].record.evidence.reviewer) == ("https://example.com/r", "Ito")
    assert found[1].record.note == "Review; Later (2025-11-20); What was seen.; https://example.com/log"


def test_evidence_before_a_fall_does_not_back_the_fall(tmp_path: Path):
    files = {"team-progress-2025-10-01.yaml": FULL, "team-progress-2025-12-01.yaml": LESS}
    files["team-evidence.yaml"] = f"evidence:\n  {A}:\n{record('2025-11-01')}"
    found, messages = reads(folder_of(tmp_path / "data", **files))
    assert messages == []
    assert said(found)[-2:] == [("2025-11-01", 1), ("2025-12-01", 0.2)]
    assert [a.record.evidence is not None for a in found] == [False, False, True, False]


def test_evidence_of_an_unknown_team_or_without_any_stage_is_told(tmp_path: Path):
    foreign = record("2025-11-10").replace("[Red]", "[Green]")
    text = f"evidence:\n  {A}:\n{foreign}  {B}:\n{record('2025-11-10')}"
    files = {"team-progress.yaml": progress({"Done": "2025-12-01"}), "team-evidence.yaml": text}
    found, messages = reads(folder_of(tmp_path / "data", **files))
    assert [a.record.evidence for a in found] == [None]
    assert messages == [
        "imports/ds/team-evidence.yaml:3: warning: product: found 'Green', unknown (1 entry not loaded), expected a "
        "product's id or name, or an entry in products: or ignore: of source ds",
        "imports/ds/team-evidence.yaml:10: warning: evidence: found 'Second', unknown (1 entry not loaded), expected a "
        "stage of 'Red' in team-progress.yaml that it backs",
    ]


# ----------------------------------------------------------------------------------------------------------- models


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory):
    """`tests/good/dsomm_map`: a whole DSOMM folder as guide map and log, without the statements of `tests/tiny`."""
    folder = over_tiny(tmp_path_factory.mktemp("good") / "data", TESTS / "good" / "dsomm_map")
    for path in (folder / "assessments").iterdir():
        path.unlink()
    reading, messages = read(folder)
    assert messages == []
    return reading.bundle


FIRST, SIGNED, RESTORE = (
    "11111111-0000-4000-8000-000000000001",
    "11111111-0000-4000-8000-000000000002-medium",
    "22222222-0000-4000-8000-000000000001",
)


def test_activities_become_practices_with_their_lines(mapped):
    found = {p.record.id: p for p in mapped.practices}
    assert list(found) == [FIRST, SIGNED, RESTORE]
    first = found[FIRST].record
    assert (first.name.en, first.name.ja, first.level, first.must, first.review_days) == (
        "Written build steps", "Written build steps", 1, False, 400
    )  # fmt: skip
    assert first.why.en == "A build by hand differs from day to day. <b>Nobody</b> can repeat it."
    assert first.explanation.en == "The steps stand in a **file**.\n\nWrite the steps down and run them by a machine."
    assert (first.evidence.en, first.risk_tags) == ("Show the file.", ["build", "no"])
    assert [(item.id, item.en) for item in first.checklist] == [("done", "Written build steps")]
    assert (found[FIRST].file, found[FIRST].line, found[FIRST].line_of("why")) == (
        "imports/dsomm/default/model.yaml", 9, 13
    )  # fmt: skip


def test_clauses_of_standards_stay_text(mapped):
    assert mapped.practices[0].record.sources == [
        "OWASP SAMM 2 I-SB-A-1", "ISO 27001:2022 8.10", "ISO 27001:2022 8.1", "OpenCRE https://example.com/cre/1"
    ]  # fmt: skip


def test_references_follow_to_other_files_and_effort_is_the_mean_difficulty(mapped):
    assert [(r.title, r.url) for r in mapped.practices[0].record.references] == [("Make", "https://example.com/make")]
    assert [p.record.effort for p in mapped.practices] == ["S", "L", "S"]


def test_a_dependency_is_found_by_name_and_by_uuid_once(mapped):
    assert [p.record.prerequisites for p in mapped.practices] == [[], [FIRST], []]


def test_a_dimension_is_a_category_with_the_name_of_both(mapped):
    assert [(c.record.id, c.record.name.en) for c in mapped.categories] == [
        ("build.pipeline", "Build / Pipeline"), ("operation.data", "Operation / Data")
    ]  # fmt: skip
    assert [(n.record.level, n.record.name.en, n.record.meaning.en) for n in mapped.levels] == [
        (1, "Level 1", "First steps"), (2, "Level 2", "Most of it")
    ]  # fmt: skip
    head = mapped.guide_map.record
    assert (head.id, head.version, head.title.en, head.languages) == ("dsomm", "1.2.3", "DSOMM 1.2.3", ["en"])


def test_a_later_file_takes_out_at_three_depths_and_changes_field_by_field(mapped):
    restore = mapped.practices[-1].record
    assert (restore.id, restore.must, restore.why.en) == (RESTORE, True, "A backup that nobody restored may be none.")
    assert restore.explanation.en == "Restore it every week."


def test_the_log_of_a_whole_folder(mapped):
    found = [
        (a.record.product, a.record.practice, str(a.record.assessed_on), a.record.share) for a in mapped.assessments
    ]
    assert found == [
        ("alpha", FIRST, "2025-11-01", 0.2),
        ("alpha", FIRST, "2025-12-01", 1.0),
        ("alpha", FIRST, "2026-01-15", 1.0),
        ("alpha", SIGNED, "2025-12-10", 0.5),
        ("beta", FIRST, "2026-01-05", 0.2),
        ("beta", RESTORE, "2025-10-01", 1.0),
        ("beta", RESTORE, "2026-01-20", 1.0),
    ]
    counts = {f.file: (f.topic, f.rows, f.accepted) for f in mapped.files if f.file.startswith("imports/")}
    assert counts == {
        "imports/dsomm/default/model.yaml": ("guide_map", 3, 3),
        "imports/dsomm/custom/ours.yaml": ("guide_map", 0, 0),
        "imports/dsomm/team-progress.yaml": ("assessments", 4, 4),
        "imports/dsomm/team-evidence.yaml": ("assessments", 3, 3),
    }


def test_a_folder_with_a_foreign_guide_map_gives_levels(mapped):
    adoption = Adoption.of(mapped)
    assert adoption.level("alpha", dt.date(2026, 1, 31)) == 0
    assert adoption.state("alpha", FIRST, dt.date(2026, 1, 31)).confirmed


@pytest.mark.parametrize("name", ["model.yaml", "default/model.yaml", "generated/model.yaml"])
@pytest.mark.parametrize("head", ["", "meta: {version: 4.0.0}\n---\n", "---\n"], ids=["one", "two", "one with a mark"])
def test_a_model_of_one_or_two_documents_at_its_usual_places(tmp_path: Path, name: str, head: str):
    files = {"model.yaml": None, "meta.yaml": None} | {name: head + MODEL}
    folder = folder_of(tmp_path / "data", ", guide_map: true", **files)
    assert [p.record.id for p in read(folder)[0].bundle.practices] == [A, B]


def test_a_folder_that_is_not_there_or_not_below_the_data_folder_is_told(tmp_path: Path):
    for path in ("imports/nowhere", "..", "/tmp"):
        folder = over_tiny(tmp_path / f"data{len(path)}", None, **{
            "sources.yaml": f"sources:\n  - {{id: ds, kind: dsomm, path: {path}}}\n"
        })  # fmt: skip
        assert read(folder)[1] == [
            f"sources.yaml:2: path: found '{path}', expected a folder below the data folder, with meta.yaml and "
            "team-progress.yaml"
        ]


def test_what_is_right_in_a_model_is_loaded_beside_what_is_wrong(tmp_path: Path):
    reading, _ = read(over_tiny(tmp_path / "data", TESTS / "bad" / "dsomm_model"))
    assert [p.record.id for p in reading.bundle.practices] == ["u-1", "u-2", "u-3", "u-8"]
    assert [p.record.prerequisites for p in reading.bundle.practices] == [[], ["u-3"], [], []]


def test_a_broken_foreign_guide_map_is_told_without_a_traceback(tmp_path: Path):
    broken = {"model.yaml": "Build: [\n", "team-progress.yaml": FULL}
    messages = read(folder_of(tmp_path / "data", ", guide_map: true", **broken))[1]
    assert any(message.startswith("imports/ds/model.yaml:2: yaml: found a syntax error") for message in messages)
    assert any("no activities in imports/ds" in message for message in messages)


def test_a_guide_map_whose_folder_is_missing_is_told_without_a_traceback(tmp_path: Path):
    source = "sources:\n  - {id: ds, kind: dsomm, path: imports/nowhere, guide_map: true}\n"
    messages = read(over_tiny(tmp_path / "data", None, **{"sources.yaml": source}))[1]
    assert any(message.startswith("sources.yaml:2: path: found 'imports/nowhere'") for message in messages)
