"""How other servers are asked: bounded time-outs and retries, TLS always verified, no secret in any message.

The one home of `requests`. Three of its habits are switched off on purpose:

- `~/.netrc` and the like are not read: they would silently replace the `Authorization` header of `sources.yaml`.
  HTTPS_PROXY, NO_PROXY and REQUESTS_CA_BUNDLE are still honoured; a loopback address never goes through a proxy.
- Redirects are not followed: most lead to a login page, and a followed one could carry a header to another host.
  `ask` can be told to follow a few within the same scheme, host and port, for servers that move things so.
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
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException, RemoteDisconnected
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import requests

from maturity.sources import Auth, is_address

CONNECT_S = 10
WAITS_S = (0.5, 1, 2, 4)  # between five attempts
LONGEST_WAIT_S = 60  # a server that asks for more is reported, not waited for
WORTH_ANOTHER_TRY = {429, 502, 503, 504}
LONGEST_GET = 2000  # characters of parameters; some proxies cut URLs at 4 or 8 KiB
LONGEST_RESET_S = 30 * 86_400  # a larger X-RateLimit-Reset is a time, not a length
SHORT = 300  # characters of the server's own words in a message


Params = Mapping[str, str | list[str]]  # a list is the same parameter several times


class SourceFailed(Exception):
    """Base of everything that goes wrong between us and a server."""


class SourceDidNotAnswer(SourceFailed):
    """No connection, or no complete answer in time, after all attempts."""


class SourceRefused(SourceFailed):
    """The server answered with an error status. `said` are its own words, without secrets.

    `again_at` (UTC) is when it may be asked again, where the server names a time that is too far off to wait for.
    """

    def __init__(self, message: str, status: int, said: str = "", again_at: dt.datetime | None = None):
        super().__init__(message)
        self.status = status
        self.said = said
        self.again_at = again_at


class SourceRedirects(SourceFailed):
    """The server points elsewhere; the final address belongs in the configuration."""


class SourceDidNotSendJson(SourceFailed):
    """The answer is not JSON, or not the JSON that was asked for: often a login page."""


class CertificateIsNotTrusted(SourceFailed):
    """The server's certificate is not signed by a known authority, or is for another host."""


class AnswerHasAnotherShape(SourceFailed):
    """The answer is JSON, but not what its vendor documents."""


class CaFileIsNotUsable(SourceFailed):
    """The file of `ca_file` does not exist or holds no certificate."""


class EnvironmentVariableIsNotSet(SourceFailed):
    """The configuration names a variable that is not there, or is empty."""


class SecretHasUnusableCharacters(SourceFailed):
    """The value of a variable cannot stand in an HTTP header."""


class UrlHoldsASecret(SourceFailed):
    """A user name or password stands in the URL instead of in the environment."""


class UrlCannotBeAsked(SourceFailed):
    """There is no host in the URL, or one that no name server knows how to look up, or a port that is none."""


@dataclass(frozen=True)
class Answer:
    """What a server said. `value` is any JSON; with status 304 there is none. Header names in any case.

    `next_url` is the page that follows, from the Link header, as the server wrote it: not checked, nothing hidden.
    """

    status: int
    value: Any
    headers: Mapping[str, str]
    next_url: str | None = None


@dataclass(frozen=True)
class Session:
    """An open session. Close it, or use it in a `with`. Its repr shows no header.

    `limit_wait_s` is the least wait after a 429 that names no time.
    """

    timeout_s: float
    inner: requests.Session = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    limit_wait_s: float = 0

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
    headers: Mapping[str, str] | None = None,
    secret_headers: Mapping[str, str] | None = None,
    limit_wait_s: float = 0,
    sleep: Callable[[float], None] = time.sleep,
) -> Session:
    """A session whose secrets come from the environment variables that `auth` and `org_id_env` name.

    `timeout_s` holds for the wait between two pieces of an answer; a connection has at most 10 s of it.
    `headers` are sent with every question; a secret does not belong there, but in `secret_headers`, which name the
    environment variable of each.
    Raises EnvironmentVariableIsNotSet, SecretHasUnusableCharacters, CaFileIsNotUsable.
    """
    inner = requests.Session()
    inner.trust_env = False
    inner.headers.update({"User-Agent": "guidemap", "Accept": "application/json"} | dict(headers or {}))
    inner.verify = _authorities(ca_file)
    secrets: list[str] = []
    if auth:
        inner.headers["Authorization"] = _authorization(auth, secrets)
    if org_id_env:
        inner.headers["X-Scope-OrgID"] = _printable(org_id_env, secrets)
    for name, variable in (secret_headers or {}).items():
        inner.headers[name] = _printable(variable, secrets)
    return Session(timeout_s, inner, tuple(sorted(secrets, key=len, reverse=True)), sleep, limit_wait_s)


def get_json(session: Session, url: str, params: Params) -> dict[str, Any]:
    """The JSON object at `url`, asked for as `ask` does. Raises a SourceFailed."""
    value = ask(session, url, params).value
    if not isinstance(value, dict):
        raise SourceDidNotSendJson(f"{shown(url)}: JSON, but a {type(value).__name__}, not an object")
    return value


def ask(
    session: Session,
    url: str,
    params: Params,
    *,
    body: dict[str, Any] | None = None,
    etag: str | None = None,
    same_host_moves: int = 0,
) -> Answer:
    """The JSON at `url`, of any type. Only for questions: a long one goes by POST, and any may be asked again.

    A `body` is sent as JSON by POST, for a search whose words are too many for a URL.
    With the `etag` of an earlier answer the server may say 304, "as before", and sends no value. Up to
    `same_host_moves` redirects are followed, as long as they stay on the same scheme, host and port.
    Tried five times on a lost connection, 429, 502, 503, 504 and a 403 that is a rate limit, waiting 0.5 to 4 s or
    as long as the server asks for (60 s at most). Raises a SourceFailed whose message holds the path, the status
    and the server's words.
    """
    _refuse_url(url)
    if "@" in urlsplit(url).netloc:
        raise UrlHoldsASecret(f"{shown(url)}: a user name stands in the URL; name environment variables under auth")
    headers = {"If-None-Match": etag} if etag else {}
    response = _answered(session, url, params, headers, body)
    for _ in range(same_host_moves):
        target = _target_here(url, response)
        if target is None:
            break
        url, params = target, {}  # the server repeats the parameters that still matter in Location
        response = _answered(session, url, params, headers, body)
    if response.status_code == 304 and etag:
        return Answer(304, None, response.headers)
    _refuse(session, url, response)
    return Answer(response.status_code, _json(session, url, response), response.headers, _next_url(response))


def _refuse_url(url: str) -> None:
    """Raise what `requests` would only name by the type of its error, after five attempts."""
    try:
        usable = is_address(url) and requests.Request("GET", url).prepare()
    except (ValueError, requests.RequestException):
        usable = False
    if not usable:
        raise UrlCannotBeAsked(f"found {shown(url)!r}, expected a url such as https://host.example.com:8443/path")


def _next_url(response: requests.Response) -> str | None:
    # Sentry always names a next page, and says results="false" where there is none.
    link = response.links.get("next", {})
    return link.get("url") if link.get("results") != "false" else None


# What reading an answer raises where it is not of the shape that was expected.
ANOTHER_SHAPE = (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError)


@contextmanager
def read_as_documented(what: str) -> Iterator[None]:
    """What reading an answer chokes on in here means that the answer is another than its vendor documents.

    Raises AnswerHasAnotherShape with the kind of the trouble only: values may hold what must not be in a log.
    """
    try:
        yield
    except ANOTHER_SHAPE as error:
        told = f"{what}: found an answer of another shape ({type(error).__name__}), expected what its vendor documents"
        raise AnswerHasAnotherShape(told) from None


def same_host(url: str, other: str) -> bool:
    """Whether two URLs have the same scheme, host and port."""
    try:
        return _origin(url) == _origin(other)
    except ValueError:  # a port that is no number
        return False


def _target_here(url: str, response: requests.Response) -> str | None:
    """Where a redirect leads, if that is on the same host."""
    try:
        target = urljoin(url, response.headers.get("Location", ""))
    except ValueError:  # an address that cannot be read
        return None
    return target if response.is_redirect and same_host(url, target) else None


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _refuse(session: Session, url: str, response: requests.Response) -> None:
    """Raise what is wrong with an answer that is none."""
    if response.is_redirect or 300 <= response.status_code < 400:
        target = shown(response.headers.get("Location", "nowhere"))
        raise SourceRedirects(
            without_secrets(session, f"{shown(url)}: redirects to {target}; name the final address as url")
        )
    if response.status_code >= 400:
        said = _words(session, response)
        wait_s = _asked_wait_s(response)
        again_at = _moment_in(wait_s) if wait_s > LONGEST_WAIT_S else None
        told = f"; may be asked again at {again_at:%Y-%m-%d %H:%M} UTC" if again_at else ""
        message = f"{shown(url)}: status {response.status_code}: {said}{told}"
        raise SourceRefused(message, response.status_code, said, again_at)


def _moment_in(wait_s: float) -> dt.datetime:
    try:
        return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=wait_s)
    except OverflowError:  # the last day of 9999, west of Greenwich
        return dt.datetime.max.replace(tzinfo=dt.UTC)


def without_secrets(session: Session, text: str) -> str:
    """The text without the session's secrets, without userinfo in URLs, on one line, and short."""
    text = hide_secrets(session, text)
    text = re.sub(r"//[^/@\s]+@", "//***@", text)
    text = " ".join(text.split())
    return text if len(text) <= SHORT else text[: SHORT - 3] + "..."


def hide_secrets(session: Session, text: str) -> str:
    """The whole text without the session's secrets: for answers that are kept as they are."""
    for secret in session.secrets:
        text = text.replace(secret, "***")
    return text


def shown(url: str) -> str:
    """Scheme, host and path, as messages name a URL: no user, no password, no query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an address that cannot be read"
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" if host else parts.path


# ------------------------------------------------------------------------------------------------------- asking


def _answered(
    session: Session, url: str, params: Params, headers: Mapping[str, str], body: dict[str, Any] | None
) -> requests.Response:
    """The first answer that is worth no other try, or the last one."""
    for wait_s in (*WAITS_S, None):
        try:
            response = _send(session, url, params, headers, body)
        except SourceDidNotAnswer:
            if wait_s is None:
                raise
        else:
            asked_s = _asked_wait_s(response)
            if wait_s is None or not _worth_another_try(response, asked_s) or asked_s > LONGEST_WAIT_S:
                return response
            wait_s = max(wait_s, asked_s or (session.limit_wait_s if response.status_code == 429 else 0))
        session.sleep(wait_s)
    raise AssertionError("the last attempt returns or raises")


def _worth_another_try(response: requests.Response, asked_s: float) -> bool:
    # A 403 that names a time to come back is a rate limit, not a lack of rights (GitHub).
    return response.status_code in WORTH_ANOTHER_TRY or (response.status_code == 403 and asked_s > 0)


def _send(
    session: Session, url: str, params: Params, headers: Mapping[str, str], body: dict[str, Any] | None
) -> requests.Response:
    long = len(urlencode(params, doseq=True)) > LONGEST_GET
    try:
        return session.inner.request(
            "POST" if long or body is not None else "GET",
            url,
            params=None if long else params,
            data=params if long else None,
            json=body,
            headers=headers,
            timeout=(min(CONNECT_S, session.timeout_s), session.timeout_s),
            allow_redirects=False,
            proxies=_proxies(url),
        )
    except requests.RequestException as error:
        # `from None`: the library's own text must not reach a log.
        distrust = re.search(r"certificate verify failed: ([^(\"']+)", str(error))
        if distrust:
            told = f"{shown(url)}: {distrust[1].strip()}; name a private authority as ca_file"
            raise CertificateIsNotTrusted(told) from None
        raise SourceDidNotAnswer(f"{shown(url)}: {_reason(session, error)}") from None
    except ValueError:  # the library reads Location even where it does not follow it
        raise SourceRedirects(f"{shown(url)}: leads to an address that cannot be read") from None


def _reason(session: Session, error: requests.RequestException) -> str:
    if isinstance(error, requests.ReadTimeout):
        return f"no answer within {session.timeout_s:g} s"
    if isinstance(error, requests.ConnectTimeout):
        return f"no connection within {min(CONNECT_S, session.timeout_s):g} s"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy did not let the request through"
    if isinstance(error, (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError)):
        return "the answer breaks off, or cannot be unpacked"
    reason = getattr(error.args[0], "reason", None) or error.args[0] if error.args else None
    broken = next((one for one in getattr(reason, "args", ()) if isinstance(one, HTTPException)), None)
    if broken:
        closed = isinstance(broken, RemoteDisconnected)
        return "the connection was closed without an answer" if closed else "what answers does not speak HTTP"
    if isinstance(error, requests.ConnectionError) and reason:
        return without_secrets(session, str(reason).rpartition(": ")[2])
    return type(error).__name__


def _asked_wait_s(response: requests.Response) -> float:
    """Seconds the server asks to wait: Retry-After, or until a used-up rate limit is renewed; 0 without either.

    Retry-After holds seconds or an HTTP date, X-RateLimit-Reset Unix seconds (GitHub) or seconds to go (Datadog).
    """
    given = response.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", given):
        return float(given)
    try:
        at = email.utils.parsedate_to_datetime(given)
    except ValueError:
        return _limit_renewed_in_s(response)
    at = at if at.tzinfo else at.replace(tzinfo=dt.UTC)
    return max(0.0, (at - dt.datetime.now(dt.UTC)).total_seconds())


def _limit_renewed_in_s(response: requests.Response) -> float:
    reset = response.headers.get("X-RateLimit-Reset", "").strip()
    used_up = response.headers.get("X-RateLimit-Remaining", "").strip() == "0"
    if response.status_code not in (403, 429) or not used_up or not re.fullmatch(r"[0-9]{1,10}", reset):
        return 0
    if int(reset) < LONGEST_RESET_S:
        return max(1.0, int(reset))
    return max(1.0, int(reset) - time.time() + 1)  # one second more: the server's clock is not ours


# ------------------------------------------------------------------------------------------------------ reading


def _json(session: Session, url: str, response: requests.Response) -> Any:
    try:
        return response.json(parse_constant=_no_number)
    except (ValueError, RecursionError):  # too deep to be meant as an answer
        kind = without_secrets(session, response.headers.get("Content-Type", "no content type"))
        raise SourceDidNotSendJson(f"{shown(url)}: status {response.status_code}, but {kind}, not JSON") from None


def _no_number(name: str) -> None:
    raise AnswerHasAnotherShape(f"found {name}, which is no number of JSON")


def _words(session: Session, response: requests.Response) -> str:
    """What the server says about an error: its field for errors, or else plain text; an HTML page says nothing."""
    try:
        value = response.json()
    except (ValueError, RecursionError):
        text = "" if "html" in response.headers.get("Content-Type", "") else response.text
    else:
        said = [value.get(name) for name in ("error", "message", "detail", "errors")] if isinstance(value, dict) else []
        text = next(("; ".join(map(str, one)) if isinstance(one, list) else str(one) for one in said if one), "")
    return without_secrets(session, text) or response.reason or "no reason given"


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
