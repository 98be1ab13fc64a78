"""What servers say in headers, addresses and small JSON."""

import json
from contextlib import suppress
from urllib.parse import urlsplit

from urllib3.util import parse_url

from catalog_web.api.bodies import parse_json, read_body
from catalog_web.api.hooks import GenericCall, HarborEvent
from indexer.errors import BadRedirect, BadUrl, RegistryInvalid, UsageError
from indexer.http import check_url, host_of, shown_url
from indexer.http.urls import join_chart_url, origin, redirect_target
from indexer.sources.oci.challenge import choose, parse_challenges
from indexer.sources.oci.links import next_query
from indexer.sources.oci.manifest import ManifestFault, read_manifest
from tests.fuzz.mutation import damaged_object, damaged_text, either, mapped
from tests.fuzz.targets import target

BASE = "https://charts.example.org/stable/index.yaml?token=canary-51fa"
ADDRESSES = (
    "https://charts.example.org:443/a%20b/c.tgz?x=1#f", "http://[::ffff:127.0.0.1]:80/", "//evil.example/x", "../x.tgz",
    "https://user:canary-51fa@charts.example.org/", "x.tgz", "http://127.1/", "HTTP://EXAMPLE.ORG", "https://xn--a.example/",
)  # fmt: skip
ADDRESS_WORDS = (
    "\\", "@", "#", "?", "%2f", "%00", "\r\n", "\t", "[", "]", ":", "://", "//", "..", "/../", "。", "．", "ｅ", "①",
    "0x7f", "file:", "javascript:", "%", "@" * 100, "a." * 200, "﹕", "／", "\u00ad", "\u200d", " ",
)  # fmt: skip
CHALLENGES = (
    'Bearer realm="https://auth.example.org/token",service="registry",scope="repository:a/b:pull"',
    'Basic realm="x", Bearer realm="y\\"z", error=invalid_token',
    "Negotiate, Digest nonce=a",
)
LINKS = (
    '</v2/a/b/tags/list?last=z&n=100>; rel="next"',
    '<https://r.example.org/v2/a/b/tags/list?n=1>;rel=next;title="a,b", </x>; rel="prev"',
)
LISTED = "https://r.example.org/v2/a/b/tags/list?n=100"
HEADER_WORDS = ('"', "\\", ",", ";", "=", "<", ">", "<//evil.example/v2/a/b/tags/list>", 'rel="next"', "\x00", " " * 50)
HARBOR = {
    "type": "PUSH_ARTIFACT", "occur_at": 1, "operator": "a", "event_data": {
        "resources": [{"digest": "sha256:a", "tag": "1", "resource_url": "x"}],
        "repository": {"name": "redis", "namespace": "team", "repo_full_name": "team/redis",
                       "repo_type": "private"}}}  # fmt: skip
CALL = {"source": "shop", "chart": "redis", "id": "a-1"}
MANIFEST = {
    "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "config": {"mediaType": "application/vnd.cncf.helm.config.v1+json", "digest": "sha256:" + "a" * 64, "size": 10},
    "layers": [{"mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip", "digest": "sha256:" + "b" * 64,
                "size": 20}], "annotations": {"org.opencontainers.image.title": "a"}}  # fmt: skip
JSON_WORDS = ('"a": 1, "a": 2,', "NaN", "1e999", "[" * 300, '"\\ud800"', "9" * 5000, "\ufeff", "//", "'", "Infinity")
MEDIA = "application/vnd.oci.image.manifest.v1+json"


def _is_told(text: str) -> bool:
    """Whether the secret stands where an address has none: behind its last ``@``."""
    return "canary" in text.rpartition("@")[2]


@target("url", damaged_text(*ADDRESSES, words=ADDRESS_WORDS))
def url(text: str) -> None:
    """What is let through has one host, whoever reads it, and tells nobody its secrets."""
    try:
        checked = check_url(text)
    except BadUrl as refused:
        assert _is_told(text) or "canary" not in refused.cause
        return
    host = host_of(checked)
    assert urlsplit(checked).scheme in ("http", "https")
    assert (parse_url(checked).host or "").lower().strip("[]") == host
    assert origin(checked)[1] == host
    assert check_url(checked) == checked
    assert "?" not in shown_url(checked)


@target("redirect", damaged_text(*ADDRESSES, words=ADDRESS_WORDS))
def redirect(location: str) -> None:
    """Leads to an address that may be fetched, never down from TLS, or nowhere."""
    try:
        led = redirect_target(BASE, location)
    except BadRedirect as refused:
        assert _is_told(location) or "canary" not in refused.cause
        return
    assert check_url(led) == led
    assert led.lower().startswith("https:")


@target("chart-url", damaged_text(*ADDRESSES, words=ADDRESS_WORDS))
def chart_url(listed: str) -> None:
    """The token of the repository's address goes to its own origin alone."""
    try:
        joined = join_chart_url(BASE, listed)
    except BadUrl:
        return
    assert check_url(joined) == joined
    if "token=canary" in joined and "canary" not in listed:
        assert origin(joined) == origin(BASE)


@target("challenge", damaged_text(*CHALLENGES, words=HEADER_WORDS))
def challenge(header: str) -> None:
    """Something or nothing is understood, and the same again."""
    found = parse_challenges(header)
    assert found == parse_challenges(header)
    choose(found)


@target("link", damaged_text(*LINKS, words=HEADER_WORDS))
def link(header: str) -> None:
    """Only a query comes of it."""
    try:
        found = next_query(header, LISTED)
    except RegistryInvalid as refused:
        assert refused.cause
        return
    assert "#" not in found


@target(
    "manifest",
    either(mapped(json.dumps, damaged_object(MANIFEST)), damaged_text(json.dumps(MANIFEST), words=JSON_WORDS)),
)
def manifest(text: str) -> None:
    """A chart, something else, or a fault."""
    body = text.encode("utf-8", "surrogatepass")
    with suppress(ManifestFault):
        found = read_manifest(body, MEDIA)
        assert found == read_manifest(body, MEDIA)


@target(
    "hook", either(mapped(json.dumps, damaged_object(HARBOR, CALL)), damaged_text(json.dumps(HARBOR), words=JSON_WORDS))
)
def hook(text: str) -> None:
    """A call that is understood, or a refusal in words."""
    body = text.encode("utf-8", "surrogatepass")
    for model in (HarborEvent, GenericCall):
        try:
            read_body(model, body)
        except UsageError as refused:
            assert refused.cause
            assert len(refused.cause) < 2000


@target("json", damaged_text(json.dumps([HARBOR, CALL]), "[1e5]", words=JSON_WORDS))
def any_json(text: str) -> None:
    """What is read can be written, and is read the same again."""
    try:
        found = parse_json(text.encode("utf-8", "surrogatepass"))
    except UsageError as refused:
        assert refused.cause
        return
    assert parse_json(json.dumps(found).encode()) == found
