"""Risk registers in foreign files: what becomes of their numbers, days and words, and what is never guessed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from given import TINY_AS_OF, defaults, over_tiny

from loaders import registry
from loaders.reading import Reading
from loaders.risk_register import risk_id
from maturity import risk_cost
from maturity.records.problems import Loaded
from maturity.records.risks import Risk

DAY = ", product: alpha, detected_on: 2026-01-15"


def read(folder: Path) -> tuple[Reading, list[str]]:
    """The records and every message, without those of SLI buckets, which know of no risk."""
    reading = registry.read_folder(folder, TINY_AS_OF)
    return reading, [str(problem) for problem in reading.problems]


def folder_of(to: Path, kind: str, files: dict[str, str | bytes], options: str = DAY) -> Path:
    """`tests/tiny` with the files of one register in `imports/`."""
    source = f"sources:\n  - {{id: reg, kind: {kind}, path: imports/*{options}}}\n"
    folder = over_tiny(to, None, **{"sources.yaml": source})
    (folder / "imports").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / "imports" / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


@pytest.fixture
def register(tmp_path: Path):
    """Reads one file as a register of some kind: its risks and every message."""

    def made(
        kind: str, text: str | bytes, options: str = DAY, name: str = "risks.csv", **more: str
    ) -> tuple[list[Loaded[Risk]], list[str]]:
        folders = len(list(tmp_path.iterdir()))
        reading, messages = read(folder_of(tmp_path / f"data{folders}", kind, {name: text} | more, options))
        return [r for r in reading.bundle.risks if r.file.startswith("imports/")], messages

    return made


def minutes(found: list[Loaded[Risk]]) -> dict[str, float]:
    """Title -> bad minutes a year."""
    policy = defaults().risk_policy.record
    scored = [r.record for r in found if r.record.cre]
    return {risk.title.en: risk_cost.cost(risk.cre, policy).bad_min_per_year for risk in scored}


# ---------------------------------------------------------------------------------------------------------- CRE sheet

HEAD = "Description,ETTD,ETTR,% Users,ETTF,IP/Y,BM/Y"

# The rows of the public example and their minutes (reference: risk.md, oracle A).
ORACLE = f"""\
Risk catalogue of Alpha,,,,,,
,,,,,,
{HEAD}
Small bad release,"1,440",30,2%,90,4.06,119
Growth unnoticed,5,120,100%,365,1.00,125
Noisy alerts,240,10,15%,180,2.03,76
Database deleted by operator,5,510,100%,"1,460",0.25,129
Config error cuts capacity,30,120,20%,120,3.04,122
"Bad release,
rollback unfamiliar",5,120,50%,180,2.03,127
One zone lost,5,40,50%,365,1.00,23
Region lost,2,30,100%,730,0.50,16
,,,,,0,0
"""
FIGURES = {
    "Small bad release": 119.3150,
    "Growth unnoticed": 125.0856,
    "Noisy alerts": 76.0938,
    "Database deleted by operator": 128.8382,
    "Config error cuts capacity": 91.3125,
    "Bad release, rollback unfamiliar": 126.8229,
    "One zone lost": 22.5154,
    "Region lost": 16.0110,
}


def test_the_public_example_has_its_minutes_and_the_one_figure_that_does_not_fit_is_told(register):
    found, messages = register("cre-sheet", ORACLE)
    assert minutes(found) == pytest.approx(FIGURES, abs=1e-4)
    assert sum(minutes(found).values()) == pytest.approx(705.9943, abs=1e-3)
    assert messages == [
        "imports/risks.csv:8: warning: BM/Y: found 122, expected 91.3 from the four numbers (which count)"
    ]


def test_a_row_becomes_a_record_that_says_where_it_came_from(register):
    found, _ = register("cre-sheet", ORACLE)
    risk = found[3].record
    assert (risk.id, risk.source, risk.source_id) == (
        "reg-database-deleted-by-operator", "reg", "Database deleted by operator",
    )  # fmt: skip
    assert (risk.products, risk.status, risk.kind, risk.detected.via) == (["alpha"], "new", "event", "import")
    assert (risk.detected.at, risk.cre.basis, found[3].line) == (dt.date(2026, 1, 15), "estimated", 7)
    assert found[5].line == 9  # a title over two lines


@pytest.mark.parametrize(
    ("column", "shares", "told"),
    [
        (["20%", "2%"], [0.2, 0.02], 0),
        ([".2", "0.02"], [0.2, 0.02], 0),
        (["20", "2"], [0.2, 0.02], 0),
        (["20", "0.5"], [0.2, 0.005], 1),
        (["20%", "1"], [0.2, 0.01], 1),
        (["20%", "40"], [0.2, 0.4], 0),
        (["1", "1"], [1, 1], 0),
        (["２０％", "2 %"], [0.2, 0.02], 0),
    ],
)
def test_per_cent_is_decided_for_the_whole_column(register, column, shares, told):
    rows = "".join(f"r{i},1,2,{cell},30,,\n" for i, cell in enumerate(column))
    found, messages = register("cre-sheet", f"{HEAD}\n{rows}")
    assert [r.record.cre.users_affected for r in found] == pytest.approx(shares)
    assert len(messages) == told
    assert all("in a column of per cent (read as" in message for message in messages)


@pytest.mark.parametrize(
    "header",
    [
        "Risk,ettd_min,ettr_min,users_affected,ettf_days",
        "risk description,ETTD (min),ETTR (minutes),Impact (%),ETTF (days)",
        "Description,Estimated time to detect,Estimated time to repair,% of users,Estimated time to fail",
        "リスク,ETTD（分）,ETTR［分］,影響,ETTF（日）",
        "Description,ETTD,ETTR,Impact (words),ETTF,% Users",
    ],
)
def test_headers_under_other_names(register, header):
    cells = "Down,60,120,,7,50%" if "words" in header else "Down,60,120,50%,7"
    found, messages = register("cre-sheet", f"{header}\n{cells}\n")
    assert messages == []
    cre = found[0].record.cre
    assert (cre.ettd_min, cre.ettr_min, cre.users_affected, cre.ettf_days) == (60, 120, 0.5, 7)


def test_blanks_around_a_header_are_told(register):
    found, messages = register("cre-sheet", "Description , ETTD,ETTR,% Users,ETTF\nA,1,3,20%,5\n")
    assert len(found) == 1
    assert [m.partition(": warning: ")[2] for m in messages] == [
        "header: found ' ETTD' with blanks around it (read as 'ETTD'), expected 'ETTD'",
        "header: found 'Description ' with blanks around it (read as 'Description'), expected 'Description'",
    ]


def test_hours_and_weeks_become_minutes_and_days(register):
    found, _ = register("cre-sheet", "Risk,ETTD (h),ETTR hours,% Users,ETTF [weeks]\nDown,1,2,50%,2\n")
    cre = found[0].record.cre
    assert (cre.ettd_min, cre.ettr_min, cre.ettf_days) == (60, 120, 14)


def test_factors_make_every_incident_worse(register):
    text = f"{HEAD}\nDown,1,2,50%,30,,\n\nRisk factor,ETTD+,ETTR+,ETTF+\nNo alerts,30,,\nNo playbook,,5,10%\n"
    found, messages = register("cre-sheet", text)
    assert messages == []
    assert [(r.record.kind, r.line) for r in found] == [("event", 2), ("factor", 5), ("factor", 6)]
    factor = found[2].record.risk_factor
    assert (factor.ettd_plus_min, factor.ettr_plus_min, factor.frequency_plus) == (0, 5, 0.1)


TWIN = """\
error-budget: {availability-target: 99.9, single-risk-acceptable-threshold: 25}
incidents:
  - description: Database deleted by operator
    estimated-time-to-detect: 5
    estimated-time-to-repair: 510
    estimated-time-to-fail: 1460
    percentage-impact: 100
risks:
  - {description: Late alerts, increased-ettd-minutes: 30, increased-ettr-minutes: 0, increased-ettf-percentage: 10}
"""


def test_the_yaml_twin(register):
    found, messages = register("cre-sheet", TWIN, name="risks.yml")
    assert messages == []
    assert minutes(found) == pytest.approx({"Database deleted by operator": 128.8382}, abs=1e-4)
    assert (found[0].line, found[1].line) == (3, 9)
    assert (found[1].record.risk_factor.ettd_plus_min, found[1].record.risk_factor.frequency_plus) == (30, 0.1)


def test_a_wrong_field_of_the_yaml_twin_stands_on_its_line(register):
    _, messages = register("cre-sheet", TWIN.replace("time-to-repair", "time-to-mend"), name="risks.yml")
    (message,) = messages
    assert message.startswith("imports/risks.yml:5: incidents.0.estimated-time-to-mend: found an unknown field, ")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a,#REF!,2,3%,4,,", "2: ettd_min: found '#REF!', expected minutes; the sheet has a formula error there"),
        ("a,-1,2,3%,4,,", "2: ettd_min: found '-1', expected minutes at least 0"),
        ("a,1,2,3%,0,,", "2: ettf_days: found '0', expected days above 0"),
        ("a,60 CHF,2,3%,4,,", "2: ettd_min: found '60 CHF', expected minutes such as 90, 1,440 or 0.5, without words"),
        ("a,1,2,120%,4,,", "2: users_affected: found '120%', expected at most 100%"),
        (",1,2,3%,4,,", "2: description: found nothing, expected what can happen"),
        ("a,nan,2,3%,4,,", "2: ettd_min: found 'nan', expected minutes such as 90, 1,440 or 0.5, without words"),
        ('a,"1,5",2,3%,4,,', "2: ettd_min: found '1,5', expected minutes such as 90, 1,440 or 0.5, without words"),
    ],
)
def test_what_is_no_number_is_told_and_the_row_left_out(register, row, message):
    found, messages = register("cre-sheet", f"{HEAD}\n{row}\n")
    assert (found, messages) == ([], [f"imports/risks.csv:{message}"])


def test_a_risk_that_lacks_a_number_is_unscored_and_a_total_is_no_risk(register):
    found, messages = register("cre-sheet", f"{HEAD}\nDown,1,2,50%,,,\nTotal,,,,,7,700\n")
    assert [(r.record.title.en, r.record.cre) for r in found] == [("Down", None)]
    assert messages == [
        "imports/risks.csv:2: warning: ettf_days: found nothing, expected all four numbers (loaded unscored)",
        "imports/risks.csv:3: warning: row: found 'Total' without a number (not loaded), "
        "expected ettd_min, ettr_min, users_affected, ettf_days",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "Name;Team\nx;y\n",
            "1: header: found no header row (the first row has 'Name;Team'), "
            "expected Description, ETTD, ETTR, % Users, ETTF in one row, or Description, ETTD+, ETTR+, ETTF+",
        ),
        (
            "Risk,ETTD,ETTD (min),ETTR,% Users,ETTF\na,1,1,1,1%,1\n",
            "1: ettd_min: found two columns, 'ETTD' and 'ETTD (min)', expected one of them",
        ),
        (
            "Risk,ETTD (sprints),ETTR,% Users,ETTF\na,1,1,1%,1\n",
            "1: ettd_min: found 'ETTD (sprints)', a unit nobody knows, "
            "expected a header with a unit such as m, min, mins, minute, minutes",
        ),
    ],
)
def test_a_file_of_another_form_is_refused_with_one_message(register, text, message):
    assert register("cre-sheet", text) == ([], [f"imports/risks.csv:{message}"])


@pytest.mark.parametrize("text", ["", "\n\n", '"open', b"\xff\xfe\x00", b"\x80\x81", ",,,\n"])
def test_nothing_in_a_file_raises(register, text):
    found, messages = register("cre-sheet", text)
    assert found == []
    assert len(messages) == 1


def test_a_register_without_days_needs_one_from_its_source(register):
    found, messages = register("cre-sheet", ORACLE, ", product: alpha")
    assert (found, messages) == ([], [
        "sources.yaml:2: detected_on: found nothing, "
        "expected detected_on: the day of the register, because a CRE sheet holds no day of finding"
    ])  # fmt: skip


def test_a_day_of_finding_in_the_future_is_told_once_where_it_stands(register):
    found, messages = register("cre-sheet", ORACLE, ", product: alpha, detected_on: 2026-03-01")
    assert found == []
    assert [m for m in messages if "BM/Y" not in m] == [
        "sources.yaml:2: detected.at: found '2026-03-01', expected a date not after 2026-01-31"
    ]


def test_products_by_column_and_unknown_ones(register):
    text = "Product,Risk,ETTD,ETTR,Users,ETTF\nAlpha,a,1,1,1%,1\nsearch,b,1,1,1%,1\nx,c,1,1,1%,1\n,d,1,1,1%,1\n"
    found, messages = register("cre-sheet", text, ", products: {Search: beta}, detected_on: 2026-01-15")
    assert [(r.record.title.en, r.record.products) for r in found] == [("a", ["alpha"]), ("b", ["beta"])]
    assert messages == [
        "imports/risks.csv:4: warning: product: found 'x', unknown (1 entry not loaded), "
        "expected a product's id or name, or an entry in products: or ignore: of source reg",
        "imports/risks.csv:5: product: found nothing, expected a product's id or name, or product: in source reg",
    ]


def test_an_unknown_product_of_the_source_is_told_on_its_line(register):
    assert register("cre-sheet", ORACLE, ", product: gamma, detected_on: 2026-01-15") == (
        [], ["sources.yaml:2: product: found 'gamma', expected the id of a product"],
    )  # fmt: skip


def test_of_several_exports_the_last_one_counts_and_in_one_file_each_risk_stands_once(register):
    later = f"{HEAD}\nDown,1,3,50%,30,,\nDown,1,4,50%,30,,\n"
    found, messages = register("cre-sheet", f"{HEAD}\nDown,1,2,50%,30,,\n", **{"risks2.csv": later})
    assert [(r.file, r.record.cre.ettr_min) for r in found] == [("imports/risks2.csv", 3)]
    assert messages == [
        "imports/risks2.csv:1: warning: file: found 1 risk of imports/risks.csv again, 1 of them changed, "
        "expected each once (the later file counts)",
        "imports/risks2.csv:3: id: found 'Down' again (first on line 2), "
        "expected each risk once, or a column with ids of its own",
    ]


def test_one_title_on_two_products_is_two_risks(register):
    text = "Product,Risk,ETTD,ETTR,Users,ETTF\nAlpha,Down,1,1,1%,1\nbeta,Down,1,1,1%,1\n"
    found, messages = register("cre-sheet", text, ", detected_on: 2026-01-15")
    assert ([r.record.id for r in found], messages) == (["reg-alpha-down", "reg-beta-down"], [])
    text = "product,title,title_ja\nAlpha,Down,停止\nbeta,Down,停止\n"
    found, messages = register("risk-sheet", text, ", detected_on: 2026-01-15")
    assert (len({r.record.id for r in found}), messages) == (2, [])


def test_ids_that_we_cannot_tell_apart_are_told(register):
    found, messages = register("risk-sheet", "id,title\nR.1,a\nR-1,b\n")
    assert [r.record.source_id for r in found] == ["R.1"]
    assert messages == [
        "imports/risks.csv:3: id: found 'R-1' and 'R.1', one id for us (reg-r-1), "
        "expected ids that differ in letters or digits"
    ]


def test_a_total_may_be_ignored(register):
    text = f"{HEAD}\nDown,1,2,50%,30,,\nTotal,,,,,7,700\n"
    assert register("cre-sheet", text, DAY + ", ignore: [total]")[1] == []


def test_reading_twice_gives_the_same_records(register):
    first, second = register("cre-sheet", ORACLE)[0], register("cre-sheet", ORACLE)[0]
    assert [r.record for r in first] == [r.record for r in second]


def test_an_id_never_grows_over_its_length_and_stays_different():
    long, other = risk_id("s" * 60, "a" * 70), risk_id("s" * 60, "a" * 69 + "b")
    assert len(long) == len(other) == 80
    assert long != other


# ----------------------------------------------------------------------------------------------------- CISO Assistant

LEVELS = ", levels: {Very low: 1, Low: 2, Élevé: 4, 高: 5}"
CISO = """\
\ufeffref_id;assets;threats;name;description;existing_applied_controls;current_impact;current_proba;current_risk;\
additional_controls;residual_impact;residual_proba;residual_risk;treatment;strength_of_knowledge
R.1;Alpha|beta;"Fire
Flood";One site;All in one place.;Backups, drills;高;Very low;High;Second site|DNS;Low;Low;Low;mitigate;low
R.2;Alpha;;Old library;;;--;--;--;;--;--;--;accept;--
R.3;alpha;;Gone;;;élevé;LOW;x;;;;;cancelled;
R.4;alpha;;Unclear;;;Enorme;Low;x;Talk;;;;open;
"""
CISO_DAY = ", detected_on: 2026-01-15"


def test_an_export_of_ciso_assistant(register):
    found, messages = register("ciso-assistant", CISO, CISO_DAY + LEVELS)
    said = {r.record.source_id: r.record for r in found}
    first = said["R.1"]
    assert (first.id, first.title.ja, first.summary.en) == ("reg-r-1", "One site", "All in one place.")
    assert (first.products, first.status) == (["alpha", "beta"], "mitigating")
    assert (first.ranks.likelihood, first.ranks.potential_impact, first.ranks.current_impact) == (1, 5, 0)
    assert (first.response_policy.strategy, first.response_policy.text.en) == ("mitigate", "Second site; DNS")
    assert [entry.text.en for entry in first.log] == [
        "threats: Fire; Flood", "existing_applied_controls: Backups; drills",
    ]  # fmt: skip
    assert (said["R.2"].status, said["R.2"].response_policy.strategy, said["R.2"].ranks) == (
        "monitoring", "accept", None,
    )  # fmt: skip
    assert (said["R.3"].status, said["R.3"].closed.reason) == ("closed", "no_longer_applies")
    assert said["R.3"].ranks.potential_impact == 4
    assert (said["R.4"].status, said["R.4"].ranks) == ("new", None)
    assert messages == [
        "imports/risks.csv:4: warning: treatment: found accept without approver and last day "
        "(1 of them; loaded as monitoring), expected an acceptance with both",
        "imports/risks.csv:6: warning: level: found 'Enorme', a level without a rank "
        "(1 of them; loaded without ranks), expected an entry in levels: of source reg, such as {Enorme: 3}",
    ]


def test_the_import_template_with_commas_and_ranks_as_numbers(register):
    text = "ref_id,name,current_impact,current_proba,treatment,assets\nA,One,3,2,open,x\n"
    found, messages = register("ciso-assistant", text, DAY + ', delimiter: ","')
    assert messages == []
    assert (found[0].record.ranks.likelihood, found[0].record.products) == (2, ["alpha"])
    assert found[0].record.log[0].text.en == "assets: x"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "ref_id,name,treatment\nA,One,open\n",
            "1: header: found 'ref_id,name,treatment', expected "
            "ref_id, name, description, current_impact, current_proba, treatment, each once, split by ';'",
        ),
        ("name;treatment;name\nA;open;B\n", "1: header: found 'name' in two columns, expected "
            "ref_id, name, description, current_impact, current_proba, treatment, each once, split by ';'"),
        ("name;treatment\nA;later\n", "2: treatment: found 'later', "
            "expected one of open, mitigate, accept, avoid, transfer, cancelled"),
        ("name;treatment\n;open\n", "2: name: found nothing, expected a name"),
        ("name;treatment\nA;open;x\n", "2: row: found 3 cells, expected 2 cells as in the header"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_an_export_of_ciso_assistant(register, text, message):
    assert register("ciso-assistant", text, DAY) == ([], [f"imports/risks.csv:{message}"])


def test_a_level_must_be_a_rank(register):
    _, messages = register("ciso-assistant", CISO, CISO_DAY + ", levels: {High: 7}")
    assert messages[0] == "sources.yaml:2: levels.High: found '7', expected a number at most 5"


# ---------------------------------------------------------------------------------------------------------- riskquant

QUANT = 'ALICE,Alice steals the data,0.10,"100,000","1,000,000"\nBOB,Repair is slow,0.5,15,240\n'


def test_losses_in_money_become_minutes_by_the_rate_of_the_source(register):
    found, messages = register("riskquant", QUANT, DAY + ", minutes_per_unit: 0.001")
    assert messages == []
    alice = found[0].record
    assert (alice.id, alice.source_id, alice.products) == ("reg-alice", "ALICE", ["alpha"])
    assert (alice.cre.users_affected, alice.cre.ettd_min, alice.cre.ettr_min_p5_p95) == (1, 0, [100, 1000])
    assert alice.cre.ettf_days == pytest.approx(3652.5)
    assert minutes(found)["Alice steals the data"] == pytest.approx(40.400128, abs=1e-6)


def test_the_mean_of_a_lognormal_is_above_its_median(register):
    found, _ = register("riskquant", QUANT, DAY + ", loss_in: minutes")
    assert found[1].record.cre.ettr_min == pytest.approx(85.58, abs=0.005)
    assert minutes(found)["Alice steals the data"] == pytest.approx(40400.128, abs=0.001)


def test_money_without_a_rate_is_loaded_unscored(register):
    found, messages = register("riskquant", "Identifier,Name,Probability,Low,High\n" + QUANT)
    assert [r.record.cre for r in found] == [None, None]
    assert messages == [
        "sources.yaml:2: warning: minutes_per_unit: found neither (loaded unscored), "
        "expected minutes_per_unit: or loss_in: minutes, to make bad minutes of the loss"
    ]


def test_identifiers_may_name_products(register):
    options = ", products: {ALICE: beta}, ignore: [BOB], loss_in: minutes, detected_on: 2026-01-15"
    found, messages = register("riskquant", QUANT, options)
    assert ([r.record.products for r in found], messages) == ([["beta"]], [])


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("A,a,0,1,2", "events a year: found '0', expected a number above 0"),
        ("A,a,1,#N/A,2", "low loss: found '#N/A', expected a number; the sheet has a formula error there"),
        ("A,a,1,3,2", "low loss: found '3' and '2', expected the lower number first"),
        ("A,a,1,0.00001,99999", "low loss: found '0.00001' and '99999', "
            "expected a high loss at most 1,000,000 times the low one"),
        ("A,a,1,2", "file: found 4 cells in the first row, "
            "expected 5 cells: Identifier, Name, events a year, low loss, high loss"),
        (",a,1,2,3", "Identifier: found nothing, expected a text"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_file_of_riskquant(register, row, message):
    assert register("riskquant", row, DAY + ", loss_in: minutes") == ([], [f"imports/risks.csv:1: {message}"])


# --------------------------------------------------------------------------------------------- registers of any form

SIMPLE_RISK = """\
Risk ID,Subject,Risk Status,Owner,Submission Date,Strategy,Planning Date,Solution,Likelihood,Impact,Notes,Score
1001,Ａ vendor goes away,Mgmt Reviewed,m.arai,2025-11-03 10:11,Mitigate,0000-00-00,Find another,Likely,4,Seen twice,7.2
1002,Old keys,Closed,,01/20/2026,Accept,,,,,,10
"""
SIMPLE_OPTIONS = """, product: alpha, date_formats: ['%m/%d/%Y'], ignore: [Score],
    columns: {Risk ID: id, Subject: title, Risk Status: status, Submission Date: detected_at,
              Strategy: response_policy, Planning Date: next_action_due, Solution: next_action,
              Likelihood: likelihood, Impact: potential_impact, Notes: note},
    values: {status: {Mgmt Reviewed: planned}, likelihood: {likely: 4}}"""


def test_a_register_through_a_mapping_of_its_columns_and_words(register):
    found, messages = register("risk-sheet", SIMPLE_RISK, SIMPLE_OPTIONS)
    (risk,) = [r.record for r in found]
    assert (risk.id, risk.source, risk.source_id, risk.title.en) == ("reg-1001", "reg", "1001", "Ａ vendor goes away")
    assert (risk.status, risk.owner, risk.detected.at) == ("planned", "m.arai", dt.date(2025, 11, 3))
    assert (risk.next_action.text.en, risk.next_action.due) == ("Find another", None)
    assert (risk.response_policy.strategy, risk.response_policy.text.en) == ("mitigate", "Mitigate")
    assert risk.ranks.model_dump() == {
        "likelihood": 4, "potential_impact": 4, "current_impact": 0, "likelihood_trend": "flat",
    }  # fmt: skip
    assert [(e.at, e.kind, e.text.en) for e in risk.log] == [(dt.date(2025, 11, 3), "note", "Seen twice")]
    assert messages == ["imports/risks.csv:3: closed_at: found nothing, expected the day, because the status is closed"]


JAPANESE = """\
リスク管理表（2026年1月）,,,,,,,,,
,,,,,,,,,
番号,リスク名,概要,状態,担当,発見日,検知(分),復旧(分),影響,間隔(日)
あ-1,索引が壊れる,"全部止まる。
予備なし。",対応中,森,2026/01/05,５,"1,440",50%,365
あ-2,鍵が切れる,,未着手,,2026年1月6日,1,2,5%,30
"""
JAPANESE_OPTIONS = """, product: beta, header_line: 3, encoding: cp932,
    columns: {番号: id, リスク名: title, 概要: summary, 状態: status, 担当: owner, 発見日: detected_at,
              検知(分): ettd_min, 復旧（分）: ettr_min, 影響: users_affected, 間隔(日): ettf_days},
    values: {status: {対応中: mitigating, 未着手: new}}"""


def test_a_japanese_register_in_shift_jis(register):
    found, messages = register("risk-sheet", JAPANESE.encode("cp932"), JAPANESE_OPTIONS)
    assert messages == []
    first, second = [r.record for r in found]
    assert (first.title.ja, first.summary.ja, first.status) == (
        "索引が壊れる",
        "全部止まる。\n予備なし。",
        "mitigating",
    )
    assert (first.cre.ettd_min, first.cre.ettr_min, first.cre.users_affected) == (5, 1440, 0.5)
    assert (second.detected.at, found[1].line) == (dt.date(2026, 1, 6), 6)
    assert first.id != second.id
    assert second.summary.ja == "鍵が切れる"


def test_headers_that_are_fields_need_no_mapping_and_titles_come_in_both_languages(register):
    text = "id,product,title_en,title_ja,detected_at,log,closed_at,status,closed_reason,cause,cause_confidence\n"
    text += 'a,"Alpha, beta",Down,停止,2026-01-10,"2026-01-12 kim: [decision] Buy.\n'
    text += '2026-01-11: See https://example.com\n more",2026-01-14,closed,fixed,One disk,high\n'
    found, messages = register("risk-sheet", text, "")
    assert messages == []
    risk = found[0].record
    assert (risk.title.en, risk.title.ja, risk.products, risk.source_id) == ("Down", "停止", ["alpha", "beta"], "a")
    assert [(str(e.at)[8:], e.by, e.kind, e.text.en) for e in risk.log] == [
        ("11", "reg", "note", "See https://example.com more"),
        ("12", "kim", "decision", "Buy."),
    ]
    assert (risk.closed.at, risk.closed.reason, risk.cause.confidence) == (dt.date(2026, 1, 14), "fixed", "high")


def test_a_unit_in_the_header_is_heeded(register):
    text = "title,検知（分）,復旧（時間）,影響,間隔 (weeks)\nDown,5,1.5,.5,2\n"
    options = (
        DAY + ", columns: {検知(分): ettd_min, 復旧(時間): ettr_min, 影響: users_affected, 間隔 (weeks): ettf_days}"
    )
    found, messages = register("risk-sheet", text, options)
    cre = found[0].record.cre
    assert (cre.ettd_min, cre.ettr_min, cre.users_affected, cre.ettf_days, messages) == (5, 90, 0.5, 14, [])


def test_an_accepted_row_has_no_approver_and_is_watched_instead(register):
    found, messages = register("risk-sheet", "title,status,response_policy\nDown,Accepted,Cheap enough\n")
    risk = found[0].record
    assert (risk.status, risk.response_policy.strategy, risk.response_policy.text.en) == (
        "monitoring", "accept", "Cheap enough",
    )  # fmt: skip
    assert messages == [
        "imports/risks.csv:2: warning: status: found accepted without approver and last day (loaded as monitoring), "
        "expected both"
    ]


@pytest.mark.parametrize(
    ("header", "cells", "message"),
    [
        ("ettr_min,ettd_min,users_affected,ettf_days", '"60,000 CHF",1,1%,1',
            "2: ettr_min: found '60,000 CHF', expected minutes such as 90, 1,440 or 0.5, without words"),
        ("ettr_min,ettd_min,users_affected,ettf_days", "1,#REF!,1%,1",
            "2: ettd_min: found '#REF!', expected minutes; the sheet has a formula error there"),
        ("ettr_min,ettd_min,users_affected,ettf_days", "1,1,-5%,1",
            "2: users_affected: found '-5%', expected a share such as 20% or 0.2 at least 0"),
        ("ettr_min,ettd_min,users_affected,ettf_days", "1,1,1%,-3",
            "2: ettf_days: found '-3', expected days above 0"),
        ("status", "Maybe", "2: status: found 'Maybe', expected one of new, investigating, planned, mitigating, "
            "monitoring, accepted, closed, merged, materialised, or an entry for it in values.status"),
        ("likelihood,potential_impact", "6,2", "2: likelihood: found '6', "
            "expected a whole number from 0 to 5, or an entry for it in values.likelihood"),
        ("detected_at", "03/04/2026", "2: detected_at: found '03/04/2026', "
            "expected a date such as 2026-09-30, or date_formats: in the source"),
        (
            "status",
            "merged",
            "2: duplicate_of: found nothing, expected the record that stays, because the status is merged",
        ),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_read_leaves_the_row_out(register, header, cells, message):
    found, messages = register("risk-sheet", f"title,{header}\nDown,{cells}\n")
    assert (found, messages) == ([], [f"imports/risks.csv:{message}"])


@pytest.mark.parametrize(
    ("header", "cells", "messages"),
    [
        ("likelihood,x", "3,", [
            "1: warning: header: found 'x', a column without a mapping (0 filled cells not loaded), "
            "expected an entry in columns: or ignore: of source reg",
            "2: warning: potential_impact: found nothing, "
            "expected likelihood and potential_impact (loaded without ranks)"]),
        ("ettd_min,ettr_min", "3,4", ["2: warning: users_affected: found nothing, "
            "expected all of ettd_min, ettr_min, users_affected, ettf_days (loaded unscored)"]),
        ("owner ,team", "kim,red", [
            "1: warning: header: found 'owner ' with blanks around it (read as 'owner'), expected 'owner'"]),
        ("log,closed_at", "asked,2026-01-01", [
            "2: warning: closed_at: found a day with status new (not loaded), expected status closed",
            "2: warning: log: found 'asked' without day or text (1 of them; loaded as a note of the day of finding), "
            "expected 2026-03-12 who: what"]),
        ("next_action_owner,team", "kim,red", [
            "2: warning: next_action: found an owner or a day alone (not loaded), expected what is to be done"]),
    ],
)  # fmt: skip
def test_what_is_not_loaded_of_a_row_is_told(register, header, cells, messages):
    found, told = register("risk-sheet", f"title,{header}\nDown,{cells}\n")
    assert [r.record.title.en for r in found] == ["Down"]
    assert told == [f"imports/risks.csv:{message}" for message in messages]


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("title,Owner,owner\na,b,c\n", DAY, "1: header: found 'owner' in two columns, "
            "expected each column that is read once"),
        ("Name,Team\na,b\n", DAY, "1: header: found 'Name, Team', "
            "expected a column with the title; say which in columns: of source reg"),
        ("title\na\n", ", product: alpha", "1: header: found 'title', "
            "expected a column with detected_at, or detected_on: in source reg"),
        ("Name,Team\na,b\n", DAY + ", columns: {Subject: title}", "1: header: found 'Name, Team', "
            "expected Subject, as columns: of the source says or header_line: in source reg"),
        ("title\na\n", DAY + ", header_line: 9", "1: header: found no such line, expected a header on line 9"),
    ],
)  # fmt: skip
def test_a_register_of_another_form_is_refused_with_one_message(register, text, options, message):
    assert register("risk-sheet", text, options) == ([], [f"imports/risks.csv:{message}"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (", columns: {A: titel}", "columns.A: found 'titel', expected one of id, product, title, "),
        (", columns: {A: title, B: title}", "found title in columns 'A' and 'B', expected each field in one column, "),
        (", values: {status: {Open: offen}}", "values: found 'offen' for 'Open' of status, expected one of new, "),
        (", values: {owner: {a: b}}", "values: found 'owner', expected one of status, "),
    ],
)
def test_a_mapping_to_nothing_is_told_on_the_line_of_the_source(register, options, message):
    found, messages = register("risk-sheet", "A,B\na,b\n", options)
    assert found == []
    assert message in messages[0]
    assert messages[0].startswith("sources.yaml:2: ")


# ----------------------------------------------------------------------------------------------------------- Markdown

NOTE = """\
---
id: SRR-9
product: alpha
title: {en: One deployer, ja: デプロイは1人}
status: planned
owner: m.arai
category: people
detected_at: 2026-01-05
detected_by: k.wada
due: 2026-04-30
ettd_min: 5
ettr_min: 120
users_affected: 50%
ettf_days: 180
basis: guess
links: {practices: [own-01]}
---
# One deployer

## Summary
Only one person
can deploy.
## 概要
デプロイできるのは1人だけ。

<!-- when
who: what -->
## ログ

- 2026-01-12 m.arai: Asked the team.
  Nobody objected.
- 2026-01-10 [decision] k.wada: Train two (see https://example.com/a).
- 2026-01-13 10:30 Done: first lesson, [notes](https://example.com/b?c=1)
## Cause / 原因
Nobody asked.
## 対応方針
教育する
## NextAction
- Train a second person
"""


LAST_LINE = "- 2026-01-13 10:30 Done: first lesson, [notes](https://example.com/b?c=1)"


@pytest.fixture
def notes(tmp_path: Path):
    """Reads Markdown files of `risks/`: their records and every message."""

    def made(text: str | bytes, name: str = "note.md", **more: str) -> tuple[list[Loaded[Risk]], list[str]]:
        folder = over_tiny(tmp_path / f"data{len(list(tmp_path.iterdir()))}", None)
        for file, content in ({name: text} | more).items():
            path = folder / "risks" / file
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        reading, messages = read(folder)
        return [r for r in reading.bundle.risks if r.file.endswith(".md")], messages

    return made


def test_a_note_in_two_languages(notes):
    found, messages = notes(NOTE)
    assert messages == []
    risk = found[0].record
    assert (risk.id, risk.products, risk.status, risk.category) == ("SRR-9", ["alpha"], "planned", "people")
    assert (risk.title.en, risk.title.ja) == ("One deployer", "デプロイは1人")
    assert (risk.summary.en, risk.summary.ja) == ("Only one person\ncan deploy.", "デプロイできるのは1人だけ。")
    assert (risk.detected.by, risk.detected.via, risk.source) == ("k.wada", "import", None)
    assert (risk.cause.text.ja, risk.response_policy.text.en) == ("Nobody asked.", "教育する")
    assert (risk.next_action.text.en, risk.next_action.due) == ("Train a second person", dt.date(2026, 4, 30))
    assert (risk.cre.users_affected, risk.cre.basis, risk.links.practices) == (0.5, "guess", ["own-01"])
    assert [(e.at.day, e.by, e.kind, e.text.en, e.url) for e in risk.log] == [
        (10, "k.wada", "decision", "Train two (see https://example.com/a).", "https://example.com/a"),
        (12, "m.arai", "note", "Asked the team. Nobody objected.", None),
        (13, "Done", "note", "first lesson, notes", "https://example.com/b?c=1"),
    ]
    assert (found[0].line_of("log", 0), found[0].line_of("cre", "ettr_min")) == (32, 12)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("ettr_min: 120", "ettr_min: two hours",
            "12: ettr_min: found 'two hours', expected minutes such as 90, 1,440 or 0.5, without words"),
        ("status: planned", "status: open", "5: status: found 'open', expected one of new, investigating, planned, "
            "mitigating, monitoring, accepted, closed, merged, materialised"),
        ("owner: m.arai", "ownr: m.arai", "6: ownr: found an unknown field, expected owner (did you mean it?)"),
        ("product: alpha", "product: gamma", "3: products.0: found 'gamma', expected one of alpha, beta in products"),
        ("2026-01-10 [", "2026-06-10 [", "32: log.2.at: found '2026-06-10', expected a date not after 2026-01-31"),
        ("detected_at: 2026-01-05", "detected_at: soon",
            "8: detected_at: found 'soon', expected a date such as 2026-09-30"),
        ("detected_at: 2026-01-05", "team: red", "2: detected.at: found nothing, expected a value"),
        ("owner: m.arai", "owner: [a, b]", "6: owner: found a list of 2, expected a text"),
        ("ettr_min: 120", "ettr_min: [1, 2]", "12: ettr_min: found a list of 2, expected one value"),
        ("practices: [own-01]", "practices: [own-99]",
            "16: links.practices.0: found 'own-99', expected an id in practices"),
        ("---\n# One", "# One", "1: front matter: found front matter without an end, "
            "expected --- with product, title, status and detected_at --- at the top"),
        ("---\nid", "id", "1: front matter: found no front matter, "
            "expected --- with product, title, status and detected_at --- at the top"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_note_stands_on_its_own_line(notes, old, new, message):
    assert old in NOTE
    found, messages = notes(NOTE.replace(old, new))
    assert found == []
    assert [m.split("; one that the map")[0] for m in messages] == [f"risks/note.md:{message}"]


def test_what_no_heading_takes_is_told_and_the_rest_is_loaded(notes):
    text = NOTE + "## Appendix\na\n\nb\n## Summary\nagain\n"
    found, messages = notes(text.replace(LAST_LINE, "- later"))
    assert len(found) == 1
    assert found[0].record.log[0].text.en == "later"
    assert messages == [
        "risks/note.md:33: warning: log: found 'later' without day or text "
        "(1 of them; loaded as a note of the day of finding), expected 2026-03-12 who: what",
        "risks/note.md:40: warning: heading: found 'Appendix', 2 lines not below a heading that is read (not loaded), "
        "expected Summary, Log, Cause, Response policy or Next action, or 概要, ログ, 原因, 対応方針, 次のアクション",
        "risks/note.md:44: warning: heading: found summary again under 'Summary' (not loaded), expected summary once",
    ]


def test_a_short_note_takes_id_title_and_summary_from_where_they_stand(notes):
    text = "---\nproducts: [alpha, beta]\ndetected_at: 2026-01-05\n---\n# Keys expire\nNobody renews them.\n"
    text += "## Log\n### 2026-01-06 kim\n- one\n- two\n## ログ\n- 2026-01-07: 三\n"
    found, messages = notes(text.replace("\n", "\r\n"), "team/Keys expire.md")
    assert messages == []
    risk = found[0].record
    assert (risk.id, risk.status, risk.products) == ("keys-expire", "new", ["alpha", "beta"])
    assert (risk.title.en, risk.summary.en) == ("Keys expire", "Nobody renews them.")
    assert [e.text.en for e in risk.log] == ["kim one two", "三"]
    assert [found[0].line_of("log", i) for i in range(2)] == [8, 12]


def test_an_accepted_note_keeps_its_acceptance(notes):
    accepted = "acceptance: {approver: wada, accepted_at: 2026-01-06, expires: 2026-06-30, reason: Cheap}"
    found, messages = notes(NOTE.replace("status: planned", f"status: accepted\n{accepted}"))
    assert (found[0].record.status, found[0].record.acceptance.approver, messages) == ("accepted", "wada", [])


def test_a_readme_is_no_risk_and_an_id_stands_once(notes):
    found, messages = notes(NOTE, **{"README.md": "# Our risks\n", "other.md": NOTE})
    assert len(found) == 1
    assert messages == ["risks/other.md:2: risks: found SRR-9 again (first at risks/note.md:2), expected each one once"]


@pytest.mark.parametrize("text", ["", "---\n---\n", "---\n- a\n---\n", "---\na: [\n---\n", b"\xff", "---\n---"])
def test_nothing_in_a_note_raises(notes, text):
    found, messages = notes(text)
    assert (found, len(messages)) == ([], 1)


@pytest.mark.parametrize("value", ["~", "[]", "{}", "[x]", "{en: a}", "{en: [a], ja: b}", "[{at: b}]", "''", "' '"])
@pytest.mark.parametrize("name", ["log", "title", "status", "detected_at", "ettf_days", "next_action", "closed", "cre"])
def test_a_field_of_another_form_never_raises(notes, name, value):
    fields = {"product": "alpha", "title": "t", "detected_at": "2026-01-01", "status": "closed", name: value}
    front = "".join(f"{key}: {text}\n" for key, text in fields.items())
    notes(f"---\n{front}---\n# T\n## Log\n- 2026-01-02 x\n## Next action\ny\n")
