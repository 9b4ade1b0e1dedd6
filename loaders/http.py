"""How other servers are asked: bounded time-outs and retries, TLS always verified, no secret in any message.

The one home of `requests`. Three of its habits are switched off on purpose:

- `~/.netrc` and the like are not read: they would silently replace the `Authorization` header of `sources.yaml`.
  HTTPS_PROXY, NO_PROXY and REQUESTS_CA_BUNDLE are still honoured; a loopback address never goes through a proxy.
- Redirects are not followed: most lead to a login page, and a followed one could carry a header to another host.
- Its exceptions are not passed on: some quote the header they choke on.
"""

from __future__ import annotations

import base64
import datetime as dt
import email.utils
import ipaddress
import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests

from maturity.sources import Auth

CONNECT_S = 10
WAITS_S = (0.5, 1, 2, 4)  # between five attempts
LONGEST_WAIT_S = 60  # a server that asks for more is reported, not waited for
WORTH_ANOTHER_TRY = {429, 502, 503, 504}
LONGEST_GET = 2000  # characters of parameters; some proxies cut URLs at 4 or 8 KiB
SHORT = 300  # characters of the server's own words in a message


class SourceFailed(Exception):
    """Base of everything that goes wrong between us and a server."""


class SourceDidNotAnswer(SourceFailed):
    """No connection, or no complete answer in time, after all attempts."""


class SourceRefused(SourceFailed):
    """The server answered with an error status."""

    def __init__(self, message: str, status: int):
        super().__init__(message)
        self.status = status


class SourceRedirects(SourceFailed):
    """The server points elsewhere; the final address belongs in the configuration."""


class SourceDidNotSendJson(SourceFailed):
    """The answer is not a JSON object: often a login page."""


class CertificateIsNotTrusted(SourceFailed):
    """The server's certificate is not signed by a known authority, or is for another host."""


class CaFileIsNotUsable(SourceFailed):
    """The file of `ca_file` does not exist or holds no certificate."""


class EnvironmentVariableIsNotSet(SourceFailed):
    """The configuration names a variable that is not there, or is empty."""


class SecretHasUnusableCharacters(SourceFailed):
    """The value of a variable cannot stand in an HTTP header."""


class UrlHoldsASecret(SourceFailed):
    """A user name or password stands in the URL instead of in the environment."""


@dataclass(frozen=True)
class Session:
    """An open session. Close it, or use it in a `with`. Its repr shows no header."""

    timeout_s: float
    inner: requests.Session = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.inner.close()


def open_session(
    auth: Auth | None,
    org_id_env: str | None,
    ca_file: str | None,
    timeout_s: float,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> Session:
    """A session whose secrets come from the environment variables that `auth` and `org_id_env` name.

    `timeout_s` holds for the wait between two pieces of an answer; a connection has at most 10 s of it.
    Raises EnvironmentVariableIsNotSet, SecretHasUnusableCharacters, CaFileIsNotUsable.
    """
    inner = requests.Session()
    inner.trust_env = False
    inner.headers.update({"User-Agent": "guidemap", "Accept": "application/json"})
    inner.verify = _authorities(ca_file)
    secrets: list[str] = []
    if auth:
        inner.headers["Authorization"] = _authorization(auth, secrets)
    if org_id_env:
        inner.headers["X-Scope-OrgID"] = _printable(org_id_env, secrets)
    return Session(timeout_s, inner, tuple(sorted(secrets, key=len, reverse=True)), sleep)


def get_json(session: Session, url: str, params: Mapping[str, str]) -> dict[str, Any]:
    """The JSON object at `url`. Only for questions: a long one goes by POST, and any may be asked again.

    Tried five times on a lost connection, 429, 502, 503 and 504, waiting 0.5 to 4 s or as long as Retry-After
    says (60 s at most). Raises a SourceFailed whose message holds the path, the status and the server's words.
    """
    if "@" in urlsplit(url).netloc:
        raise UrlHoldsASecret(f"{_shown(url)}: a user name stands in the URL; name environment variables under auth")
    response = _answered(session, url, params)
    if response.is_redirect or 300 <= response.status_code < 400:
        target = _shown(response.headers.get("Location", "nowhere"))
        raise SourceRedirects(
            without_secrets(session, f"{_shown(url)}: redirects to {target}; name the final address as url")
        )
    if response.status_code >= 400:
        said = _words(session, response)
        raise SourceRefused(f"{_shown(url)}: status {response.status_code}: {said}", response.status_code)
    return _json_object(session, url, response)


def without_secrets(session: Session, text: str) -> str:
    """The text without the session's secrets, without userinfo in URLs, on one line, and short."""
    for secret in session.secrets:
        text = text.replace(secret, "***")
    text = re.sub(r"//[^/@\s]+@", "//***@", text)
    text = " ".join(text.split())
    return text if len(text) <= SHORT else text[: SHORT - 3] + "..."


# ------------------------------------------------------------------------------------------------------- asking


def _answered(session: Session, url: str, params: Mapping[str, str]) -> requests.Response:
    """The first answer that is worth no other try, or the last one."""
    for wait_s in (*WAITS_S, None):
        try:
            response = _send(session, url, params)
        except SourceDidNotAnswer:
            if wait_s is None:
                raise
        else:
            asked_s = _retry_after_s(response)
            if wait_s is None or response.status_code not in WORTH_ANOTHER_TRY or asked_s > LONGEST_WAIT_S:
                return response
            wait_s = max(wait_s, asked_s)
        session.sleep(wait_s)
    raise AssertionError("the last attempt returns or raises")


def _send(session: Session, url: str, params: Mapping[str, str]) -> requests.Response:
    long = len(urlencode(params)) > LONGEST_GET
    try:
        return session.inner.request(
            "POST" if long else "GET",
            url,
            params=None if long else params,
            data=params if long else None,
            timeout=(min(CONNECT_S, session.timeout_s), session.timeout_s),
            allow_redirects=False,
            proxies=_proxies(url),
        )
    except requests.RequestException as error:
        # `from None`: the library's own text must not reach a log.
        distrust = re.search(r"certificate verify failed: ([^(\"']+)", str(error))
        if distrust:
            told = f"{_shown(url)}: {distrust[1].strip()}; name a private authority as ca_file"
            raise CertificateIsNotTrusted(told) from None
        raise SourceDidNotAnswer(f"{_shown(url)}: {_reason(session, error)}") from None


def _reason(session: Session, error: requests.RequestException) -> str:
    if isinstance(error, requests.ReadTimeout):
        return f"no answer within {session.timeout_s:g} s"
    if isinstance(error, requests.ConnectTimeout):
        return f"no connection within {min(CONNECT_S, session.timeout_s):g} s"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy did not let the request through"
    if isinstance(error, requests.ConnectionError) and error.args:
        reason = getattr(error.args[0], "reason", None) or error.args[0]
        return without_secrets(session, str(reason).rpartition(": ")[2])
    return type(error).__name__


def _retry_after_s(response: requests.Response) -> float:
    """Seconds of a Retry-After header, which holds seconds or an HTTP date; 0 without one."""
    given = response.headers.get("Retry-After", "").strip()
    if given.isascii() and given.isdigit():
        return float(given)
    try:
        at = email.utils.parsedate_to_datetime(given)
    except ValueError:
        return 0
    at = at if at.tzinfo else at.replace(tzinfo=dt.UTC)
    return max(0.0, (at - dt.datetime.now(dt.UTC)).total_seconds())


# ------------------------------------------------------------------------------------------------------ reading


def _json_object(session: Session, url: str, response: requests.Response) -> dict[str, Any]:
    try:
        value = response.json()
    except ValueError:
        kind = without_secrets(session, response.headers.get("Content-Type", "no content type"))
        raise SourceDidNotSendJson(f"{_shown(url)}: status {response.status_code}, but {kind}, not JSON") from None
    if not isinstance(value, dict):
        raise SourceDidNotSendJson(f"{_shown(url)}: JSON, but a {type(value).__name__}, not an object")
    return value


def _words(session: Session, response: requests.Response) -> str:
    """What the server says about an error: the `error` field, or else plain text; an HTML page says nothing."""
    try:
        value = response.json()
    except ValueError:
        text = "" if "html" in response.headers.get("Content-Type", "") else response.text
    else:
        text = str(value.get("error") or value.get("message") or "") if isinstance(value, dict) else ""
    return without_secrets(session, text) or response.reason or "no reason given"


def _shown(url: str) -> str:
    """Scheme, host and path: no user, no password, no query."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" if host else parts.path


# ------------------------------------------------------------------------------------------------- who we are


def _authorization(auth: Auth, secrets: list[str]) -> str:
    if auth.kind == "bearer":
        return f"Bearer {_printable(auth.token_env, secrets)}"
    user, password = _value(auth.user_env), _value(auth.password_env)
    pair = base64.b64encode(f"{user}:{password}".encode()).decode()
    secrets += [user, password, pair]
    return f"Basic {pair}"


def _printable(variable: str, secrets: list[str]) -> str:
    value = _value(variable)
    if not re.fullmatch(r"[\x21-\x7e]+", value):
        raise SecretHasUnusableCharacters(
            f"the value of {variable} holds a space, a line break or a character beyond ASCII"
        )
    secrets.append(value)
    return value


def _value(variable: str) -> str:
    # A mounted secret often ends with a line break that is no part of it.
    value = os.environ.get(variable, "").strip()
    if not value:
        raise EnvironmentVariableIsNotSet(f"the environment variable {variable} is not set")
    return value


def _authorities(ca_file: str | None) -> str | bool:
    if ca_file is None:
        return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
    if "BEGIN CERTIFICATE" not in _text(ca_file):
        raise CaFileIsNotUsable(f"ca_file {ca_file}: holds no PEM certificate")
    return ca_file


def _text(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise CaFileIsNotUsable(f"ca_file {file}: {error.strerror}") from None


def _proxies(url: str) -> dict[str, str]:
    """The company's proxy, if the environment names one. It must not see what goes to this very machine."""
    host = urlsplit(url).hostname or ""
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    return {} if local else requests.utils.get_environ_proxies(url)
