"""What `sources.yaml` may name: servers that are asked, and foreign files that are read as they are."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from maturity.records.forms import Day, Id, Record, Share
from maturity.records.risks import Cause, Closed, Cre, ResponsePolicy, Risk
from maturity.windows import LONGEST_DAYS


class Auth(Record):
    """Where the secret is: the name of an environment variable, never the secret itself."""

    kind: Literal["bearer", "basic"]
    token_env: str | None = None
    user_env: str | None = None
    password_env: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> Auth:
        needed = {"bearer": ["token_env"], "basic": ["user_env", "password_env"]}[self.kind]
        missing = [name for name in needed if getattr(self, name) is None]
        if missing:
            raise ValueError(f"found no {' and no '.join(missing)}|{' and '.join(needed)} with kind {self.kind}")
        return self


_CA = "CA bundle for a private certificate; TLS is always verified."


def is_address(url: str) -> bool:
    """Whether a URL names a host that can be looked up, and a port that can be one."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        host.encode("idna")  # no label is empty or too long
        return parts.scheme in ("http", "https") and bool(re.match(r"[^\s*.]+", host)) and parts.port != 0
    except ValueError:
        return False


def _address(text: str) -> str:
    if not is_address(text):
        shown = re.sub(r"//[^/@]*@", "//***@", text)  # a password may stand there
        raise ValueError(f"found {shown!r}|an address such as https://host.example.com:8443/path")
    return text


Url = Annotated[str, Field(pattern=r"^https?://"), AfterValidator(_address)]


class PrometheusSource(Record):
    """A Prometheus (or Thanos, Mimir) server that `guidemap fetch` pulls raw counters and recorded SLOs from."""

    id: Id
    kind: Literal["prometheus"]
    url: Url = Field(examples=["https://prometheus.example.com"])
    since: Day = Field(description="First day to fetch.")
    recorded: list[Literal["sloth", "pyrra"]] = Field(
        default=["sloth", "pyrra"], description="Tools whose recorded SLOs are looked for and taken. Empty: none."
    )
    products: dict[str, Id] = Field(default={}, description="Service of a recorded SLO -> product.")
    ignore: list[str] = Field(default=[], description="Services whose recorded SLOs are left out on purpose.")
    auth: Auth | None = None
    org_id_env: str | None = Field(default=None, description="Environment variable with the X-Scope-OrgID value.")
    timeout_s: float = Field(default=30, gt=0)
    ca_file: str | None = Field(default=None, description=_CA)


def _owner_and_name(text: str) -> str:
    # Both are part of URLs and of paths below raw/, so a name of dots alone is none.
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*/(?!\.+$)[A-Za-z0-9._-]+", text):
        raise ValueError(f"found {text!r}|owner/name such as acme/shop")
    return text


Repository = Annotated[str, AfterValidator(_owner_and_name), Field(examples=["acme/shop"])]


class GithubSource(Record):
    """GitHub (or GitHub Enterprise) that `guidemap fetch` asks for automatic evidence."""

    id: Id
    kind: Literal["github"]
    url: Url = Field(default="https://api.github.com", examples=["https://api.github.com"])
    repositories: dict[Id, Annotated[list[Repository], Field(min_length=1)]] = Field(
        min_length=1, description="Product -> repositories as owner/name."
    )
    environments: list[str] = Field(
        default=["production", "prod"],
        description="Environments that count as production, in any case; besides those that GitHub marks so.",
    )
    automation_users: list[str] = Field(
        default=[], description="Logins of machine users: what they deploy or release is automated."
    )
    api_version: str = Field(
        default="2026-03-10",
        pattern=r"^\d{4}-\d{2}-\d{2}$",
        examples=["2026-03-10"],
        description="X-GitHub-Api-Version. 2022-11-28 for GitHub Enterprise Server that does not know the default.",
    )
    auth: Auth | None = None
    timeout_s: float = Field(default=30, gt=0)
    ca_file: str | None = Field(default=None, description=_CA)


class DatadogKeys(Record):
    """Where the two keys of Datadog are: names of environment variables."""

    api_key_env: str = Field(examples=["DD_API_KEY"])
    application_key_env: str = Field(examples=["DD_APP_KEY"])


class DatadogSource(Record):
    """Datadog, whose SLOs, their history and their corrections `guidemap fetch` pulls."""

    id: Id
    kind: Literal["datadog"]
    url: Url = Field(default="https://api.datadoghq.com", examples=["https://api.datadoghq.eu"])
    since: Day = Field(description="First day (UTC) to fetch.")
    auth: DatadogKeys
    products: dict[str, Id] = Field(default={}, description="Id, name or tag of an SLO in Datadog -> product.")
    take: list[str] = Field(default=[], description="Ids, names or tags of the SLOs to take. Empty: all.")
    slos: dict[str, Id] = Field(
        default={}, description="Id in Datadog -> SLO of slos/, whose definition counts instead of Datadog's."
    )
    span_hours: int = Field(
        default=24, ge=1, le=24, description="Length of history asked for at once; shorter spans have finer buckets."
    )
    bucket_minutes: int = Field(default=120, ge=1, le=1440, description="Length of a bucket of a metric SLO.")
    timeout_s: float = Field(default=30, gt=0)
    ca_file: str | None = Field(default=None, description=_CA)

    @model_validator(mode="after")
    def _buckets_fill_spans(self) -> DatadogSource:
        if 24 % self.span_hours:
            raise ValueError(f"found span_hours {self.span_hours}|a length that divides a day such as 1, 6 or 24")
        if self.span_hours * 60 % self.bucket_minutes:
            raise ValueError(
                f"found bucket_minutes {self.bucket_minutes}|a length that divides span_hours, {self.span_hours} h"
            )
        return self


class GithubIssuesSource(Record):
    """GitHub (or GitHub Enterprise) whose issues with a label are risk records."""

    id: Id
    kind: Literal["github-issues"]
    url: Url = Field(default="https://api.github.com", examples=["https://api.github.com"])
    repositories: dict[Id, Annotated[list[Repository], Field(min_length=1)]] = Field(
        min_length=1,
        description="Product -> its repositories as owner/name; a label product:x names other products.",
    )
    products: dict[str, Id] = Field(default={}, description="Word of a label product:x -> product.")
    ignore: list[str] = Field(default=[], description="Words of labels product:x that are left out on purpose.")
    label: str = Field(default="risk", min_length=1, description="Label of issues that are risk records.")
    api_version: str = Field(default="2026-03-10", pattern=r"^\d{4}-\d{2}-\d{2}$", examples=["2026-03-10"])
    auth: Auth | None = None
    timeout_s: float = Field(default=30, gt=0)
    ca_file: str | None = Field(default=None, description=_CA)


class JiraSource(Record):
    """Jira Cloud, whose issues of a search are risk records."""

    id: Id
    kind: Literal["jira"]
    url: Url = Field(examples=["https://acme.atlassian.net"])
    jql: str = Field(min_length=1, examples=["project = RISK"], description="Search, without ORDER BY.")
    product: Id | None = Field(default=None, description="Product of issues that name none.")
    products: dict[str, Id] = Field(default={}, description="Project key, or word of a label product:x -> product.")
    ignore: list[str] = Field(default=[], description="Project keys and words that are left out on purpose.")
    statuses: dict[str, str] = Field(default={}, description="Status there -> ours.")
    resolutions: dict[str, str] = Field(
        default={"Done": "fixed", "Fixed": "fixed"}, description="Resolution there -> why the record was closed."
    )
    fields: dict[str, str] = Field(
        default={}, description="Field there -> ours, as in risk-sheet.", examples=[{"customfield_10010": "ettd_min"}]
    )
    auth: Auth
    timeout_s: float = Field(default=30, gt=0)
    ca_file: str | None = Field(default=None, description=_CA)

    @model_validator(mode="after")
    def _known(self) -> JiraSource:
        if re.search(r"\border\s+by\b", self.jql, re.IGNORECASE):
            raise ValueError(f"found jql {self.jql!r}|a search without ORDER BY")
        for theirs, ours in self.fields.items():
            if ours not in RISK_FIELDS:
                raise ValueError(f"found {theirs}: {ours}|one of {', '.join(RISK_FIELDS)}")
        for theirs, ours in self.statuses.items():
            if ours not in RISK_WORDS["status"]:
                raise ValueError(f"found {theirs}: {ours}|one of {', '.join(RISK_WORDS['status'])}")
        for theirs, ours in self.resolutions.items():
            if ours not in RISK_WORDS["closed_reason"]:
                raise ValueError(f"found {theirs}: {ours}|one of {', '.join(RISK_WORDS['closed_reason'])}")
        return self


class SentrySource(Record):
    """Sentry, whose counts of sessions `guidemap fetch` pulls for SLOs of slos/."""

    id: Id
    kind: Literal["sentry"]
    url: Url = Field(default="https://sentry.io", examples=["https://de.sentry.io"])
    org: str = Field(pattern=r"^[A-Za-z0-9_-]+$", examples=["acme"], description="Slug or id of the organization.")
    since: Day = Field(description="First day (UTC) to fetch.")
    auth: Auth
    projects: dict[Id, Annotated[list[int], Field(min_length=1)]] = Field(
        min_length=1, description="SLO of slos/ -> numbers of its projects in Sentry."
    )
    environments: list[str] = Field(default=[], description="Only sessions of these. Empty: all.")
    errored_is_good: bool = Field(default=True, description="Whether a session with handled errors counts as good.")
    timeout_s: float = Field(default=30, gt=0)
    ca_file: str | None = Field(default=None, description=_CA)


class Import(Record):
    """Base of the foreign files: where they lie in the data folder, and whose words mean which of our ids.

    A product or practice is also found by its own id or name; what is found in neither is left out and counted.
    """

    id: Id
    path: str = Field(min_length=1, description="File or pattern below the data folder, such as imports/dsomm/*.yaml.")
    products: dict[str, Id] = Field(default={}, description="Name in the file -> product.")
    practices: dict[str, Id] = Field(default={}, description="Id or name in the file -> practice.")
    ignore: list[str] = Field(default=[], description="Names left out on purpose: not counted as a problem.")
    guide_map: bool = Field(default=False, description="The practices of this source are the guide map.")


class CsvFiles(Import):
    """Base of foreign CSV files."""

    encoding: Literal["utf-8", "utf-16", "cp932", "cp1252"] | None = Field(
        default=None, description="cp932 is Shift_JIS as Excel saves it. Empty: by the byte order mark, else UTF-8."
    )
    delimiter: Literal[",", ";", "\t"] = ","


class DsommSource(Import):
    """OWASP DSOMM: model, meta, team progress and team evidence, once or as a series. `path` is its folder."""

    kind: Literal["dsomm"]
    history: Literal["files", "git"] = Field(
        default="files", description="Where a series comes from: dated files and folders, or commits of the folder."
    )
    assessor: str | None = Field(default=None, min_length=1, description="Who says it; empty: the name of the team.")
    stages: dict[str, Share] = Field(
        default={}, description="Score of stages that meta.yaml does not define (any more), such as {Started: 0.3}."
    )
    review_days: int = Field(default=365, ge=1, description="With guide_map: review_days of every practice.")
    must: list[str] = Field(default=[], description="With guide_map: activities that are must, by uuid or name.")


class SloFiles(Import):
    """Base of SLO definitions in another tool's files. `products` maps its services to products."""

    server: Id | None = Field(default=None, description="Prometheus source that its queries are fetched from.")


class SlothSource(SloFiles):
    """Sloth: `prometheus/v1` and PrometheusServiceLevel."""

    kind: Literal["sloth"]
    window_days: int = Field(ge=1, le=LONGEST_DAYS, description="The period of the run; Sloth's files do not hold it.")


class PyrraSource(SloFiles):
    """Pyrra: ServiceLevelObjective."""

    kind: Literal["pyrra"]


class SloGeneratorSource(SloFiles):
    """Google's slo-generator v2."""

    kind: Literal["slo-generator"]
    window_days: int = Field(ge=1, le=LONGEST_DAYS, description="The longest step of the error budget policy, in days.")


class GoogleSloSource(SloFiles):
    """SLOs of Google Cloud's Service Monitoring API, as JSON."""

    kind: Literal["google-slo"]


class BackstageSource(Import):
    """Backstage `catalog-info.yaml` files: products."""

    kind: Literal["backstage"]
    kinds: list[str] = Field(default=["Component"], description="Kinds of entities that are products.")
    types: list[str] = Field(default=[], description="Only entities of these spec.type. Empty: all.")
    tier: str | None = Field(default=None, description="Label or annotation that holds the tier.")
    tiers: dict[str, int] = Field(default={}, description="Word there -> tier 1-4.")
    default_tier: int | None = Field(default=None, ge=1, le=4, description="Tier where the entity names none.")
    target_level: str | None = Field(default=None, description="Label or annotation that holds the target level.")
    target_levels: dict[int, int] = Field(default={}, description="Tier -> target level.")
    default_target_level: int | None = Field(default=None, ge=1)
    lifecycles: dict[str, Literal["experimental", "production", "deprecated"]] = Field(
        default={}, description="Word in spec.lifecycle -> ours."
    )
    providers_from_depends_on: bool = Field(default=False, description="spec.dependsOn names providers of practices.")


class SammSource(Import):
    """OWASP SAMM assessment spreadsheets (.xlsx)."""

    kind: Literal["samm"]
    assessor: str | None = Field(default=None, description="Who answered; else the team of the sheet.")
    must: bool = Field(default=False, description="Every question is a must of its level.")
    review_days: int = Field(default=365, ge=1, description="When an answer is to be confirmed again.")


class CortexSource(Import):
    """Cortex scorecards: their ladder and rules as a guide map."""

    kind: Literal["cortex"]
    must: bool = Field(default=False, description="Every rule is a must of its level, as Cortex has it.")
    review_days: int = Field(default=180, ge=1, description="When an answer to a rule is to be confirmed again.")


class ChecklistSource(Import):
    """Checklists in Markdown, with tiers: as a guide map, and filled in for a product. `path` are those filled in."""

    kind: Literal["checklist"]
    model: str | None = Field(default=None, description="The checklist itself; needed with guide_map: true.")
    tiers: dict[str, int] = Field(default={}, description="Mark of a tier in the checklist -> tier of our products.")
    levels: dict[str, int] = Field(default={}, description="Heading -> level; others are of level 1.")
    must: bool = Field(default=False, description="Every item is a must of its level.")
    review_days: int = Field(default=180, ge=1, description="When an answer is to be confirmed again.")


# Fields of a statement that a column of a sheet may hold. Those in the second list may also belong to one practice.
SHEET_FIELDS = ["product", "practice", "assessed_on", "assessor", "confirmed_on", "id", "corrects"]
SHEET_FIELDS_OF_A_PRACTICE = [
    "answer", "items_done", "state", "share", "provider",
    "evidence_url", "evidence_kind", "evidence_on", "evidence_reviewer", "note",
]  # fmt: skip


def _sheet_field(text: str) -> str:
    name, *practice = text.split()
    known = SHEET_FIELDS_OF_A_PRACTICE if practice else [*SHEET_FIELDS, *SHEET_FIELDS_OF_A_PRACTICE]
    if name not in known or len(practice) > 1:
        raise ValueError(f"found {text!r}|one of {', '.join(known)}{'' if practice else ', or FIELD PRACTICE'}")
    return text


def _sheet_answer(text: str) -> str:
    word, *provider = text.split()
    if [word, len(provider)] in (["adopted", 0], ["not_adopted", 0], ["inherited", 1]):
        return text
    try:
        share = float(text)
    except ValueError:
        share = -1
    if not 0 <= share <= 1:
        raise ValueError(f"found {text!r}|adopted, not_adopted, inherited PRODUCT, or a share from 0 to 1")
    return text


def _date_format(text: str) -> str:
    # A form that gives back another day than it was given lacks the year, the month or the day.
    day = dt.datetime(2026, 9, 30)
    try:
        kept = dt.datetime.strptime(day.strftime(text), text).date() == day.date()
    except (ValueError, re.error):
        kept = False
    if not kept:
        raise ValueError(f"found {text!r}|day, month and year such as %m/%d/%Y or %d/%m/%Y")
    return text


_FILLED = Field(min_length=1)


class SheetSource(CsvFiles):
    """CSV of a form or a spreadsheet, through a mapping of its columns. `practices` may name columns, too."""

    kind: Literal["sheet"]
    columns: dict[str, Annotated[str, _FILLED, AfterValidator(_sheet_field)]] = Field(
        default={}, description="Header in the file -> field of a statement, or `FIELD PRACTICE` for one practice."
    )
    answers: dict[str, Annotated[str, _FILLED, AfterValidator(_sheet_answer)]] = Field(
        default={}, description="Word in the file -> adopted, not_adopted, inherited PRODUCT or a done share (0-1)."
    )
    items: dict[str, Id] = Field(default={}, description="Option text in the file -> checklist item.")
    date_formats: list[Annotated[str, AfterValidator(_date_format)]] = Field(
        default=[], description="strptime forms of dates that do not begin with the year.", examples=[["%m/%d/%Y"]]
    )
    product: Id | None = Field(default=None, description="The product of every row, where no column holds it.")
    assessor: str | None = Field(default=None, min_length=1, description="Who says it, where no column holds it.")


Rank = Annotated[int, Field(ge=0, le=5)]


class RiskFiles(Import):
    """Base of risk registers in foreign files. What the files do not hold, the source says for all of them."""

    product: Id | None = Field(default=None, description="The product of every risk, where the file does not say.")
    detected_on: Day | None = Field(default=None, description="Day of finding, where the file does not say.")
    basis: Literal["guess", "estimated", "measured", "drill"] = Field(
        default="estimated", description="What the four numbers rest on, where the file does not say."
    )


class CreSheetSource(RiskFiles, CsvFiles):
    """Google's CRE risk spreadsheet, one tab a CSV file, or its YAML twin."""

    kind: Literal["cre-sheet"]


class CisoAssistantSource(RiskFiles, CsvFiles):
    """The CSV export of a risk assessment in CISO Assistant."""

    kind: Literal["ciso-assistant"]
    levels: dict[str, Rank] = Field(
        default={}, description="Level of its risk matrix -> rank.", examples=[{"Very low": 1, "Low": 2}]
    )
    delimiter: Literal[",", ";", "\t"] = ";"


class RiskquantSource(RiskFiles, CsvFiles):
    """The input of riskquant: CSV without a header."""

    kind: Literal["riskquant"]
    loss_in: Literal["money", "minutes"] = Field(default="money", description="minutes: bad minutes of one event.")
    minutes_per_unit: float | None = Field(
        default=None, gt=0, le=1e6, description="Bad minutes that one unit of loss stands for."
    )


# Fields of a risk that a column of a register may hold. Only notes may stand in several.
RISK_FIELDS = [
    "id", "product", "title", "title_en", "title_ja", "summary", "status", "owner", "team", "category",
    "detected_at", "detected_by", "cause", "cause_confidence", "response_policy", "strategy",
    "next_action", "next_action_owner", "next_action_due", "likelihood", "potential_impact", "current_impact",
    "ettd_min", "ettr_min", "users_affected", "ettf_days", "basis",
    "closed_at", "closed_reason", "closed_evidence", "url", "log", "note",
]  # fmt: skip


def _words(model: type[Record], name: str) -> tuple[str, ...]:
    return get_args(model.model_fields[name].annotation)


RISK_WORDS = {
    "status": _words(Risk, "status"),
    "category": _words(Risk, "category"),
    "strategy": _words(ResponsePolicy, "strategy"),
    "basis": _words(Cre, "basis"),
    "closed_reason": _words(Closed, "reason"),
    "cause_confidence": _words(Cause, "confidence"),
    "likelihood": tuple("012345"),
    "potential_impact": tuple("012345"),
    "current_impact": tuple("012345"),
}


def _risk_field(text: str) -> str:
    if text not in RISK_FIELDS:
        raise ValueError(f"found {text!r}|one of {', '.join(RISK_FIELDS)}")
    return text


def _risk_values(values: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    for name, words in values.items():
        if name not in RISK_WORDS:
            raise ValueError(f"found {name!r}|one of {', '.join(RISK_WORDS)}")
        for word, ours in words.items():
            if ours not in RISK_WORDS[name]:
                raise ValueError(f"found {ours!r} for {word!r} of {name}|one of {', '.join(RISK_WORDS[name])}")
    return values


class RiskSheetSource(RiskFiles, CsvFiles):
    """Any other register as CSV, through a mapping of its columns and words."""

    kind: Literal["risk-sheet"]
    columns: dict[str, Annotated[str, AfterValidator(_risk_field)]] = Field(
        default={}, description="Header in the file -> field of a risk."
    )
    values: Annotated[dict[str, dict[str, str]], AfterValidator(_risk_values)] = Field(
        default={}, description="Field -> word in the file -> ours.", examples=[{"status": {"Treated": "monitoring"}}]
    )
    date_formats: list[Annotated[str, AfterValidator(_date_format)]] = Field(
        default=[], description="strptime forms of dates that do not begin with the year.", examples=[["%m/%d/%Y"]]
    )
    header_line: int | None = Field(default=None, ge=1, description="Line of the header; empty: the first with text.")

    @model_validator(mode="after")
    def _each_field_once(self) -> RiskSheetSource:
        taken: dict[str, str] = {}
        for header, name in self.columns.items():
            other = taken.setdefault(name, header)
            if other != header and name != "note":
                raise ValueError(f"found {name} in columns {other!r} and {header!r}|each field in one column, but note")
        return self


Source = Annotated[
    PrometheusSource
    | GithubSource
    | DatadogSource
    | SentrySource
    | GithubIssuesSource
    | JiraSource
    | SlothSource
    | PyrraSource
    | SloGeneratorSource
    | GoogleSloSource
    | DsommSource
    | BackstageSource
    | SammSource
    | CortexSource
    | ChecklistSource
    | SheetSource
    | CreSheetSource
    | CisoAssistantSource
    | RiskquantSource
    | RiskSheetSource,
    Field(discriminator="kind"),
]
