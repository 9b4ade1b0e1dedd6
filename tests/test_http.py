"""Asking other servers: what is tried again, what is sent, and what never reaches a message."""

from __future__ import annotations

import base64
import datetime as dt
import email.utils
import json
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from prometheus_server import free_port, serving

from loaders import http
from maturity.sources import Auth

SECRET = "s3cr3t-t0ken"
BEARER = Auth(kind="bearer", token_env="GM_TOKEN")
BASIC = Auth(kind="basic", user_env="GM_USER", password_env="GM_PASSWORD")


@dataclass
class Site:
    """Answers from a list, the last one again and again, and keeps the headers and bodies that came."""

    url: str = ""
    answers: list[tuple[int, dict[str, str], str]] = field(default_factory=list)
    seen: list[dict[str, str]] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    hang_s: float = 0


@pytest.fixture
def site() -> Iterator[Site]:
    here = Site(answers=[(200, {}, "{}")])
    with serving(_handler(here)) as server:
        here.url = f"http://127.0.0.1:{server.server_port}"
        yield here


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.seen.append({"method": self.command, "path": self.path, **dict(self.headers.items())})
            site.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
            time.sleep(site.hang_s)
            status, headers, body = site.answers.pop(0) if len(site.answers) > 1 else site.answers[0]
            if not status:  # hang up without a word
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    return Answers


def ask(url: str, *, auth: Auth | None = None, waits: list[float] | None = None, **options) -> dict:
    options = {"org_id_env": None, "ca_file": None, "timeout_s": 5, **options}
    waited = [] if waits is None else waits
    with http.open_session(auth, sleep=waited.append, **options) as session:
        return http.get_json(session, f"{url}/api", {"query": "up"})


# --------------------------------------------------------------------------------------------------- tried again


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_asked_again(site: Site, status: int):
    site.answers = [(status, {}, ""), (status, {}, ""), (200, {}, '{"a": 1}')]
    waits = []
    assert ask(site.url, waits=waits) == {"a": 1}
    assert waits == [0.5, 1]


def test_a_lost_connection_is_tried_again(site: Site):
    site.answers = [(0, {}, ""), (200, {}, '{"a": 1}')]
    assert ask(site.url) == {"a": 1}


def test_five_attempts_are_all_and_the_servers_own_words_are_told(site: Site):
    site.answers = [(503, {}, '{"status": "error", "error": "query timed out"}')]
    with pytest.raises(http.SourceRefused, match=r"/api: status 503: query timed out") as caught:
        ask(site.url)
    assert len(site.seen) == 5
    assert caught.value.status == 503


def test_a_refusal_is_not_tried_again(site: Site):
    site.answers = [(400, {}, '{"error": "parse error"}')]
    with pytest.raises(http.SourceRefused, match="status 400: parse error"):
        ask(site.url)
    assert len(site.seen) == 1


def test_retry_after_in_seconds_is_waited_for(site: Site):
    site.answers = [(429, {"Retry-After": "7"}, ""), (200, {}, "{}")]
    waits = []
    ask(site.url, waits=waits)
    assert waits == [7]


def test_retry_after_as_a_date_is_waited_for(site: Site):
    at = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=30)
    site.answers = [(503, {"Retry-After": email.utils.format_datetime(at, usegmt=True)}, ""), (200, {}, "{}")]
    waits = []
    ask(site.url, waits=waits)
    assert waits == [pytest.approx(29, abs=2)]


def test_a_server_that_asks_for_an_hour_is_reported_at_once(site: Site):
    site.answers = [(429, {"Retry-After": "3600"}, "")]
    waits = []
    with pytest.raises(http.SourceRefused, match="status 429"):
        ask(site.url, waits=waits)
    assert waits == []


def test_a_server_that_hangs_is_given_up(site: Site):
    site.hang_s = 1
    with pytest.raises(http.SourceDidNotAnswer, match=r"/api: no answer within 0.1 s"):
        ask(site.url, timeout_s=0.1)


def test_nobody_there_is_said_in_words():
    with pytest.raises(http.SourceDidNotAnswer, match="Connection refused"):
        ask(f"http://127.0.0.1:{free_port()}")


# ------------------------------------------------------------------------------------------------- what is sent


def test_a_bearer_token_comes_from_the_environment(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GM_TOKEN", f"{SECRET}\n")
    monkeypatch.setenv("GM_ORG", "team-a")
    ask(site.url, auth=BEARER, org_id_env="GM_ORG")
    sent = site.seen[0]
    assert sent["Authorization"] == f"Bearer {SECRET}"
    assert sent["X-Scope-OrgID"] == "team-a"
    assert sent["User-Agent"] == "guidemap"


def test_a_user_and_password_come_from_the_environment(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GM_USER", "anna")
    monkeypatch.setenv("GM_PASSWORD", "pässword")
    ask(site.url, auth=BASIC)
    assert site.seen[0]["Authorization"] == "Basic " + base64.b64encode("anna:pässword".encode()).decode()


def test_netrc_does_not_replace_our_authorization(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password other\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("GM_TOKEN", SECRET)
    ask(site.url, auth=BEARER)
    ask(site.url)
    assert [sent.get("Authorization") for sent in site.seen] == [f"Bearer {SECRET}", None]


def test_loopback_goes_past_the_proxy_and_other_hosts_through_it(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, site.url)
    ask(site.url)
    ask("http://metrics.example")
    assert [sent["path"] for sent in site.seen] == ["/api?query=up", "http://metrics.example/api?query=up"]


def test_a_long_question_goes_by_post(site: Site):
    with http.open_session(None, None, None, 5) as session:
        http.get_json(session, f"{site.url}/api", {"query": "x" * 3000})
    assert site.seen[0]["method"] == "POST"
    assert site.seen[0]["path"] == "/api"
    assert site.bodies == ["query=" + "x" * 3000]


def test_a_redirect_is_reported_and_nothing_is_sent_to_the_other_host(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GM_TOKEN", SECRET)
    other = Site(answers=[(200, {}, "{}")])
    with serving(_handler(other)) as server:
        there = f"http://localhost:{server.server_port}"
        site.answers = [(302, {"Location": f"{there}/login?token={SECRET}"}, "")]
        with pytest.raises(http.SourceRedirects, match=rf"redirects to {there}/login; name the final address"):
            ask(site.url, auth=BEARER)
    assert other.seen == []


# ------------------------------------------------------------------------------------------- what is never told


def test_a_missing_variable_is_named():
    with pytest.raises(http.EnvironmentVariableIsNotSet, match="GM_TOKEN is not set"):
        ask("http://127.0.0.1", auth=BEARER)
    with pytest.raises(http.EnvironmentVariableIsNotSet, match="GM_ORG is not set"):
        ask("http://127.0.0.1", org_id_env="GM_ORG")


@pytest.mark.parametrize("value", [f"{SECRET}\r\nX-Evil: 1", f"{SECRET} two", f"{SECRET}é"])
def test_a_secret_that_fits_no_header_is_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch, value: str):
    monkeypatch.setenv("GM_TOKEN", value)
    with pytest.raises(http.SecretHasUnusableCharacters, match="GM_TOKEN") as caught:
        ask("http://127.0.0.1", auth=BEARER)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        (401, {}, json.dumps({"error": f"bad token {SECRET}"})),
        (403, {"Content-Type": "text/plain"}, f"Authorization: Bearer {SECRET}"),
        (200, {"Content-Type": f"text/{SECRET}"}, "not json"),
        (307, {"Location": f"https://me:{SECRET}@other.example/{SECRET}"}, ""),
    ],
    ids=["JSON error", "plain text", "content type", "redirect"],
)
def test_an_echoed_secret_is_in_no_message(site: Site, monkeypatch: pytest.MonkeyPatch, answer: tuple):
    monkeypatch.setenv("GM_TOKEN", SECRET)
    site.answers = [answer]
    with pytest.raises(http.SourceFailed) as caught:
        ask(site.url, auth=BEARER)
    assert SECRET not in f"{caught.value} {caught.value!r}"


def test_an_echoed_basic_pair_is_in_no_message(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GM_USER", "anna")
    monkeypatch.setenv("GM_PASSWORD", SECRET)
    pair = base64.b64encode(f"anna:{SECRET}".encode()).decode()
    site.answers = [(401, {"Content-Type": "text/plain"}, f"{pair} is anna with {SECRET}")]
    with pytest.raises(http.SourceRefused, match=r"status 401: \*\*\* is \*\*\* with \*\*\*"):
        ask(site.url, auth=BASIC)


def test_a_password_in_the_url_is_refused_without_being_shown():
    with pytest.raises(http.UrlHoldsASecret) as caught:
        ask(f"http://anna:{SECRET}@127.0.0.1:1")
    assert SECRET not in str(caught.value)
    assert "anna" not in str(caught.value)


def test_a_session_shows_no_secret(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GM_TOKEN", SECRET)
    with http.open_session(BEARER, None, None, 5) as session:
        assert SECRET not in repr(session)


# ---------------------------------------------------------------------------------------------------- no answer


def test_a_login_page_is_not_json(site: Site):
    site.answers = [(200, {"Content-Type": "text/html"}, "<html>log in</html>")]
    with pytest.raises(http.SourceDidNotSendJson, match="status 200, but text/html, not JSON"):
        ask(site.url)


def test_an_html_error_page_is_not_quoted(site: Site):
    site.answers = [(404, {"Content-Type": "text/html"}, "<html>nginx</html>")]
    with pytest.raises(http.SourceRefused, match="status 404: Not Found"):
        ask(site.url)


def test_a_json_list_is_no_object(site: Site):
    site.answers = [(200, {}, "[1]")]
    with pytest.raises(http.SourceDidNotSendJson, match="a list, not an object"):
        ask(site.url)


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ('{"a": NaN}', http.AnswerHasAnotherShape, "found NaN, which is no number of JSON"),
        ('{"a": -Infinity}', http.AnswerHasAnotherShape, "found -Infinity, which is no number"),
        ("[" * 100_000, http.SourceDidNotSendJson, "not JSON"),
    ],
    ids=["NaN", "infinity", "deep"],
)
def test_what_only_looks_like_json_is_told(site: Site, text: str, error: type, said: str):
    site.answers = [(200, {}, text)]
    with pytest.raises(error, match=said):
        ask(site.url)


@pytest.mark.parametrize(
    "url", ["http://[", "http://", "http://metrics..example.com", "http://*.example.com", "http://a b", "ftp://a/b"]
)
def test_an_address_that_nobody_could_ask_is_told_at_once(url: str):
    waits: list[float] = []
    with pytest.raises(http.UrlCannotBeAsked, match=r"expected a url such as https://host\.example\.com"):
        ask(url, waits=waits)
    assert waits == []


def test_an_error_page_that_is_too_deep_to_read_is_an_error_page(site: Site):
    site.answers = [(500, {}, "[" * 100_000)]
    with pytest.raises(http.SourceRefused, match="status 500"):
        ask(site.url)


def test_a_time_to_come_back_behind_all_calendars_is_told(site: Site):
    site.answers = [(429, {"Retry-After": "Fri, 31 Dec 9999 23:59:59 -1200"}, "{}")]
    with pytest.raises(http.SourceRefused, match="may be asked again at 9999-12-31"):
        ask(site.url)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((0, {}, ""), "the connection was closed without an answer"),
        ((20_000, {}, ""), "what answers does not speak HTTP"),
        ((200, {"Content-Encoding": "gzip"}, "0123456789"), "the answer breaks off, or cannot be unpacked"),
        ((200, {"Transfer-Encoding": "chunked"}, "zz\r\n{"), "the answer breaks off, or cannot be unpacked"),
    ],
    ids=["nothing", "no HTTP", "no gzip", "no chunks"],
)
def test_what_went_wrong_is_said_in_words(site: Site, answer: tuple, said: str):
    site.answers = [answer]
    with pytest.raises(http.SourceDidNotAnswer, match=f"/api: {said}$"):
        ask(site.url)


# ------------------------------------------------------------------------------------- lists, headers, conditions


def answer(url: str, *, waits: list[float] | None = None, limit_wait_s: float = 0, **options) -> http.Answer:
    waited = [] if waits is None else waits
    with http.open_session(None, None, None, 5, limit_wait_s=limit_wait_s, sleep=waited.append) as session:
        return http.ask(session, f"{url}/api", {"query": "up"}, **options)


def test_an_answer_is_any_json_with_its_headers_and_its_next_page(site: Site):
    site.answers = [(200, {"ETag": 'W/"1"', "Link": '<http://x.example/?page=2>; rel="next", <#>; rel="last"'}, "[1]")]
    found = answer(site.url)
    assert (found.status, found.value, found.next_url) == (200, [1], "http://x.example/?page=2")
    assert found.headers["etag"] == 'W/"1"'
    site.answers = [(200, {"Link": "no link at all"}, "null")]
    assert answer(site.url).next_url is None


def test_headers_of_a_session_are_sent_with_every_question(site: Site):
    with http.open_session(None, None, None, 5, headers={"Accept": "application/vnd.x+json"}) as session:
        http.get_json(session, f"{site.url}/api", {})
    assert site.seen[0]["Accept"] == "application/vnd.x+json"


def test_an_answer_as_before_has_no_value(site: Site):
    site.answers = [(304, {}, "")]
    found = answer(site.url, etag='W/"1"')
    assert (found.status, found.value) == (304, None)
    assert site.seen[0]["If-None-Match"] == 'W/"1"'


def test_as_before_without_a_question_for_it_is_no_answer(site: Site):
    site.answers = [(304, {}, "")]
    with pytest.raises(http.SourceRedirects):
        answer(site.url)
    assert "If-None-Match" not in site.seen[0]


def test_a_move_on_the_same_host_is_followed_only_when_asked_for_and_only_so_often(site: Site):
    moved = (301, {"Location": "/new?query=up"}, "")
    site.answers = [moved, (200, {}, "[1]")]
    assert answer(site.url, same_host_moves=1).value == [1]
    assert [sent["path"] for sent in site.seen] == ["/api?query=up", "/new?query=up"]
    site.answers = [moved]
    for moves in (0, 2):
        with pytest.raises(http.SourceRedirects, match="redirects to /new; name the final address"):
            answer(site.url, same_host_moves=moves)
    assert len(site.seen) == 2 + 1 + 3


@pytest.mark.parametrize("location", ["http://localhost:{port}/", "http://127.0.0.1:1/", "//evil.example/", "http://["])
def test_a_move_to_another_host_or_port_is_never_followed(site: Site, location: str):
    port = site.url.rpartition(":")[2]
    site.answers = [(302, {"Location": location.format(port=port)}, "")]
    with pytest.raises(http.SourceFailed):
        answer(site.url, same_host_moves=3)
    assert {sent["path"] for sent in site.seen} == {"/api?query=up"}


def test_hosts_are_the_same_only_with_scheme_and_port():
    assert http.same_host("https://a.example/x", "https://A.example:443/y?z")
    assert not http.same_host("https://a.example", "http://a.example")
    assert not http.same_host("https://a.example", "https://a.example:8443")
    assert not http.same_host("https://a.example", "https://a.example.evil")
    assert not http.same_host("https://a.example", "https://a.example:port")


def test_a_403_that_is_a_rate_limit_is_waited_for_and_any_other_is_not(site: Site):
    reset = str(int(time.time()) + 20)
    site.answers = [
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}, ""),
        (403, {"Retry-After": "3"}, ""),
        (403, {"X-RateLimit-Remaining": "12", "X-RateLimit-Reset": reset}, '{"message": "no rights"}'),
    ]
    waits = []
    with pytest.raises(http.SourceRefused, match="status 403: no rights") as caught:
        answer(site.url, waits=waits)
    assert waits == [pytest.approx(21, abs=2), 3]
    assert (caught.value.said, caught.value.again_at) == ("no rights", None)


def test_a_far_off_time_to_come_back_is_told(site: Site):
    at = dt.datetime.now(dt.UTC).replace(second=0, microsecond=0) + dt.timedelta(hours=1)
    site.answers = [(429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(at.timestamp()))}, "")]
    with pytest.raises(http.SourceRefused, match=f"; may be asked again at {at:%Y-%m-%d %H:%M} UTC") as caught:
        answer(site.url)
    assert len(site.seen) == 1
    assert abs(caught.value.again_at - at) < dt.timedelta(seconds=5)


@pytest.mark.parametrize("reset", ["", "soon", "9" * 400, "-5", "1"])
def test_a_reset_that_is_no_time_or_long_past_is_a_short_wait_at_most(site: Site, reset: str):
    site.answers = [(429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}, ""), (200, {}, "{}")]
    waits = []
    answer(site.url, waits=waits)
    assert waits in ([0.5], [1])


def test_a_reset_of_less_than_a_month_is_seconds_to_go(site: Site):
    site.answers = [(429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "7"}, ""), (200, {}, "{}")]
    waits = []
    answer(site.url, waits=waits)
    assert waits == [7]


def test_a_next_page_without_results_is_none(site: Site):
    link = '<http://x.example/?cursor=2>; rel="next"; results="{}"'
    site.answers = [(200, {"Link": link.format("true")}, "{}"), (200, {"Link": link.format("false")}, "{}")]
    assert [answer(site.url).next_url for _ in range(2)] == ["http://x.example/?cursor=2", None]


def test_a_header_may_be_a_secret_of_the_environment(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GM_KEY", SECRET)
    site.answers = [(403, {}, f'{{"errors": ["Forbidden", "{SECRET}"]}}')]
    with pytest.raises(http.SourceRefused, match=r"status 403: Forbidden; \*\*\*"):
        ask(site.url, secret_headers={"X-Key": "GM_KEY"})
    assert site.seen[0]["X-Key"] == SECRET


def test_a_429_without_a_time_may_have_a_least_wait(site: Site):
    site.answers = [(429, {}, ""), (503, {}, ""), (429, {"Retry-After": "2"}, ""), (200, {}, "{}")]
    waits = []
    answer(site.url, waits=waits, limit_wait_s=60)
    assert waits == [60, 1, 2]


# ---------------------------------------------------------------------------------------------------------- TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    if not shutil.which("openssl"):
        pytest.skip("not on PATH: openssl")
    folder = tmp_path_factory.mktemp("tls")
    made, key = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    subprocess.run([*command, "-out", str(made), "-keyout", str(key)], check=True, capture_output=True)
    return made, key


@pytest.fixture
def tls_url(certificate: tuple[Path, Path]) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with serving(_handler(Site(answers=[(200, {}, '{"a": 1}')]))) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        yield f"https://127.0.0.1:{server.server_port}"


def test_a_certificate_of_unknown_origin_is_refused_at_once(tls_url: str):
    waits = []
    with pytest.raises(http.CertificateIsNotTrusted, match="self-signed certificate; name a private authority"):
        ask(tls_url, waits=waits)
    assert waits == []


def test_a_private_authority_is_accepted_once_named(tls_url: str, certificate: tuple[Path, Path]):
    assert ask(tls_url, ca_file=str(certificate[0])) == {"a": 1}


def test_a_private_authority_for_another_host_is_refused(tls_url: str, certificate: tuple[Path, Path]):
    with pytest.raises(http.CertificateIsNotTrusted):
        ask(tls_url.replace("127.0.0.1", "localhost"), ca_file=str(certificate[0]))


def test_the_environment_may_name_the_authority(
    tls_url: str, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[0]))
    assert ask(tls_url) == {"a": 1}


def test_a_ca_file_that_is_not_there_or_no_certificate_is_named(tmp_path: Path):
    with pytest.raises(http.CaFileIsNotUsable, match=r"none\.pem: No such file"):
        ask("https://127.0.0.1", ca_file=str(tmp_path / "none.pem"))
    (tmp_path / "empty.pem").write_text("")
    with pytest.raises(http.CaFileIsNotUsable, match=r"empty\.pem: holds no PEM certificate"):
        ask("https://127.0.0.1", ca_file=str(tmp_path / "empty.pem"))
