"""What `sources.yaml` may name: servers that are asked, and foreign files that are read as they are."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, model_validator

from maturity.records import Id, Record


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


class PrometheusSource(Record):
    """A Prometheus (or Thanos, Mimir) server that `guidemap fetch` pulls raw counters from."""

    id: Id
    kind: Literal["prometheus"]
    url: str = Field(pattern=r"^https?://", examples=["https://prometheus.example.com"])
    since: dt.date = Field(description="First day to fetch.")
    auth: Auth | None = None
    org_id_env: str | None = Field(default=None, description="Environment variable with the X-Scope-OrgID value.")
    timeout_s: float = Field(default=30, gt=0)
    ca_file: str | None = Field(default=None, description=_CA)


class GithubSource(Record):
    """GitHub (or GitHub Enterprise) that `guidemap fetch` asks for automatic evidence."""

    id: Id
    kind: Literal["github"]
    url: str = Field(default="https://api.github.com", pattern=r"^https?://", examples=["https://api.github.com"])
    repositories: dict[Id, list[str]] = Field(description="Product -> repositories as owner/name.")
    auth: Auth | None = None
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


class DsommSource(Import):
    """OWASP DSOMM: model, meta, team progress and team evidence, once or as a series."""

    kind: Literal["dsomm"]


class BackstageSource(Import):
    """Backstage `catalog-info.yaml` files: products."""

    kind: Literal["backstage"]


class SammSource(Import):
    """OWASP SAMM assessment spreadsheets (.xlsx)."""

    kind: Literal["samm"]


class CortexSource(Import):
    """A Cortex scorecard: its ladder and rules as a guide map."""

    kind: Literal["cortex"]


class ChecklistSource(Import):
    """Checklists in Markdown, with tiers: as a guide map, and filled in for a product."""

    kind: Literal["checklist"]


class SheetSource(Import):
    """CSV of a form or a spreadsheet, through a mapping of its columns."""

    kind: Literal["sheet"]


Source = Annotated[
    PrometheusSource
    | GithubSource
    | DsommSource
    | BackstageSource
    | SammSource
    | CortexSource
    | ChecklistSource
    | SheetSource,
    Field(discriminator="kind"),
]
