"""How the ladder of a test looks on a terminal: a mark and a word for each state, what was found, what to do."""

import textwrap
from collections.abc import Iterator

import click

from catalog_web.api.shapes import CertificateShape, DiagnosisShape, RungShape, TrustShape
from catalog_web.commands.common import visible

_MARKS = {"ok": "✓", "warn": "!", "fail": "✗", "skipped": "–"}
_WIDTH = 100
_INDENT = " " * 28


def print_ladder(found: DiagnosisShape) -> None:
    """Print the ladder, and the certificates where TLS is what is wrong."""
    for rung in found["rungs"]:
        click.echo("\n".join(_lines(rung)))
    trouble = any(one["id"] == "tls" and one["state"] in ("warn", "fail") for one in found["rungs"])
    if trouble and found["certificates"]:
        click.echo("\nThe server shows, its own certificate first:")
        click.echo("\n".join(line for one in found["certificates"] for line in _certificate(one)))
    if found["trust"]:
        click.echo("\n".join(_trust(found["trust"])))


def _lines(rung: RungShape) -> Iterator[str]:
    took = f"{rung['ms']} ms" if rung["state"] != "skipped" else ""
    head = f"{_MARKS[rung['state']]} {rung['state']:<8}{rung['id']:<7}{took:>9}"
    yield from _wrapped(rung["cause"], f"{head}  ")
    if rung["remedy"]:
        yield from _wrapped(rung["remedy"], _INDENT)


def _certificate(one: CertificateShape) -> Iterator[str]:
    yield f"  {visible(one['subject'])}, signed by {visible(one['issuer'])}"
    yield f"    valid {one['starts'] or '?'} to {one['ends'] or '?'}"
    if one["names"]:
        yield from _wrapped(f"for {', '.join(one['names'])}", "    ", "    ")
    yield f"    SHA-256 {one['fingerprint']}"


def _trust(trust: TrustShape) -> Iterator[str]:
    yield ""
    yield from _wrapped(trust["meaning"], "", "")
    yield "To trust it, put this into a file and name it with --ca-file:"
    yield trust["pem"].strip()


def _wrapped(text: str, first: str, others: str = _INDENT) -> list[str]:
    return textwrap.wrap(visible(text), _WIDTH, initial_indent=first, subsequent_indent=others, break_on_hyphens=False)
