"""The ``tls`` rung: what the server shows, whether it is believed, and what would have to be trusted.

Whether it is believed is asked of OpenSSL, in handshakes like those of every request; nothing is judged here by rules
of our own.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from indexer.diagnose.certificates import Certificate, Trust, offered, read_chain
from indexer.errors import N_, Phrase, phrase
from indexer.http import Tls
from indexer.http.probe import Handshake, Verdict, Wire, look, verify

_SOON = timedelta(days=14)
# X509_V_ERR_… of OpenSSL's x509_vfy.h
_NOT_YET, _EXPIRED, _SELF_SIGNED, _UNKNOWN_ROOT = 9, 10, 18, 19
_UNKNOWN_ISSUER = frozenset({2, 20, 21})
_OTHER_NAME = frozenset({62, 64})
_WEAK = frozenset({66, 67, 68})
_UNTRUSTED = frozenset({_SELF_SIGNED, _UNKNOWN_ROOT, *_UNKNOWN_ISSUER})
_OLD = frozenset({"TLSv1", "TLSv1.1", "SSLv3"})

Dial = Callable[[], Wire]


@dataclass(frozen=True, slots=True)
class Seen:
    """What some handshakes showed."""

    host: str
    shown: Handshake
    verdict: Verdict
    """With the source's own settings."""
    otherwise: Verdict
    """Where the check is turned off: as if it were on. Else with the authorities of this machine alone."""
    trusting: Verdict | None
    """With what could be trusted beside those; None: nothing could, or nothing need be."""
    offer: Trust | None

    @property
    def certificates(self) -> tuple[Certificate, ...]:
        """What the server sent."""
        return read_chain(self.shown.chain)

    @property
    def trust(self) -> Trust | None:
        """What makes the server believed if it is trusted, and nothing else would be wrong then."""
        return self.offer if self.trusting is not None and self.trusting.is_good else None


@dataclass(frozen=True, slots=True)
class Found:
    """How the rung stands."""

    state: Literal["ok", "warn", "fail"]
    cause: Phrase
    remedy: Phrase | None = None


def examine(dial: Dial, host: str, tls: Tls, seconds: Callable[[], float]) -> Seen:
    """Shake hands a few times; ``dial`` makes each connection, ``seconds`` tells how long each may take.

    Raises OSError, TlsUnusable, CredentialsUnreadable.
    """
    with closing(dial()) as wire:
        verdict = verify(wire, host, tls, seconds())
    with closing(dial()) as wire:
        shown = look(wire, host, seconds())
    otherwise = verdict
    if verdict.is_good and (tls.ca is not None or not tls.verify):
        other = Tls(client=tls.client) if tls.verify else replace(tls, verify=True)
        with closing(dial()) as wire:
            otherwise = verify(wire, host, other, seconds())
    offer, trusting = offered(shown.chain), None
    untrusted = verdict if tls.verify else otherwise
    if offer is not None and untrusted.code in _UNTRUSTED:
        with closing(dial()) as wire:
            trusting = verify(wire, host, _with(tls, offer), seconds())
    return Seen(host, shown, verdict, otherwise, trusting, offer)


def _with(tls: Tls, offer: Trust) -> Tls:
    present = tls.ca
    return replace(tls, verify=True, ca=lambda: (present() + "\n" if present else "") + offer.certificate.pem)


def judge(seen: Seen, tls: Tls, now: datetime | None = None) -> Found:
    """What ``seen`` means. Pure, with the time ``now``."""
    moment = now or datetime.now(UTC)
    if not seen.verdict.is_good:
        return _refused(seen, moment)
    first = seen.certificates[0] if seen.certificates else None
    if not tls.verify:
        return _unverified(seen, moment)
    if first is not None and first.ends is not None and first.ends - moment < _SOON:
        text = N_("Believed, but the certificate of {subject} ends on {date}.")
        remedy = phrase(N_("Ask who runs the server to renew it in time."))
        return Found("warn", phrase(text, subject=first.subject, date=_day(first.ends)), remedy)
    facts = _facts(seen)
    if not seen.otherwise.is_good:
        text = N_("Believed because of the certificates that were given for this source: signed by {issuer}, valid "
                  "until {ends}, {version}.")  # fmt: skip
        return Found("ok", phrase(text, **facts))
    return Found("ok", phrase(N_("Signed by {issuer}, valid until {ends}, {version}."), **facts))


def _facts(seen: Seen) -> dict[str, str]:
    first = seen.certificates[0] if seen.certificates else None
    return {
        "issuer": first.issuer if first else "?",
        "ends": _day(first.ends if first else None),
        "version": seen.shown.version,
    }


def _unverified(seen: Seen, moment: datetime) -> Found:
    text = N_("Not verified, as this source is set: whoever answers is believed. {fault}")
    if seen.otherwise.is_good:
        fault = phrase(N_("Yet the certificate is a good one."))
        return Found("warn", phrase(text, fault=fault), phrase(N_("Turn the check of certificates on again.")))
    fault = _joined(_faults(seen, seen.otherwise, moment))
    remedy = N_("Better trust the server's certificate, and turn the check on again.")
    return Found("warn", phrase(text, fault=fault), phrase(remedy))


def _refused(seen: Seen, moment: datetime) -> Found:
    if seen.verdict.code == 0:
        return _broken(seen)
    faults = _faults(seen, seen.verdict, moment)
    return Found("fail", _joined(faults), _remedy(seen))


def _broken(seen: Seen) -> Found:
    """No handshake came about at all."""
    if seen.shown.version in _OLD:
        text = N_("The server speaks {version} only, which is not safe any more; at least TLS 1.2 is needed.")
        return Found("fail", phrase(text, version=seen.shown.version),
                     phrase(N_("Turn on TLS 1.2 or newer on the server.")))  # fmt: skip
    if seen.shown.asks_client:
        return client_certificate_wanted()
    text = N_("The handshake failed: {detail}.")
    remedy = N_("See the server's log; its TLS settings and those of Chartroom have nothing in common.")
    return Found("fail", phrase(text, detail=seen.verdict.failure), phrase(remedy))


def client_certificate_wanted() -> Found:
    """The server knows people by certificates."""
    return Found(
        "fail",
        phrase(N_("The server wants to see a client certificate.")),
        phrase(N_("Give a client certificate and its key for this source; whoever runs the server makes them.")),
    )


def _faults(seen: Seen, verdict: Verdict, moment: datetime) -> list[Phrase]:
    """What is wrong, of the trust and of what remains once that is given."""
    verdicts = [verdict, *([seen.trusting] if seen.trusting and not seen.trusting.is_good else [])]
    return [_fault(seen, one, moment) for one in verdicts]


def _fault(seen: Seen, verdict: Verdict, moment: datetime) -> Phrase:
    chain = seen.certificates
    first = chain[0] if chain else None
    subject, issuer = (first.subject, first.issuer) if first else ("?", "?")
    if verdict.code == _SELF_SIGNED:
        return phrase(N_("The certificate of {subject} is self-signed, and nobody here was told to trust it."),
                      subject=subject)  # fmt: skip
    if verdict.code == _UNKNOWN_ROOT:
        return phrase(N_("The certificate is signed by {issuer}, below the root {root}, an authority that is not known "
                         "here."), issuer=issuer, root=chain[-1].subject if chain else "?")  # fmt: skip
    if verdict.code in _UNKNOWN_ISSUER:
        text = N_("The certificate goes back to {issuer}, an authority that is not known here and that the server does "
                  "not send along.")  # fmt: skip
        return phrase(text, issuer=chain[-1].issuer if chain else "?")
    if verdict.code in (_EXPIRED, _NOT_YET):
        return _date_fault(chain, verdict.code, moment)
    if verdict.code in _OTHER_NAME:
        named = ", ".join(first.names if first and first.names else (subject,))
        return phrase(N_("The certificate is for {names}, not for {host}."), names=named, host=seen.host)
    if verdict.code in _WEAK:
        return phrase(N_("The certificate is too weak to be believed: {detail}."), detail=verdict.failure)
    return phrase(N_("The certificate is refused: {detail}."), detail=verdict.failure)


def _date_fault(chain: tuple[Certificate, ...], code: int, moment: datetime) -> Phrase:
    clock = _minute(moment)
    if code == _EXPIRED:
        subject, date = next(((one.subject, one.ends) for one in chain if one.ends and one.ends < moment), ("?", None))
        text = N_("The certificate of {subject} expired on {date}; the clock here says {clock}.")
        return phrase(text, subject=subject, date=_day(date), clock=clock)
    subject, date = next(
        ((one.subject, one.starts) for one in chain if one.starts and one.starts > moment), ("?", None)
    )
    text = N_("The certificate of {subject} is not valid before {date}; the clock here says {clock}.")
    return phrase(text, subject=subject, date=_minute(date), clock=clock)


def _remedy(seen: Seen) -> Phrase:
    if seen.trust is not None:
        return phrase(N_("Compare the fingerprint {fingerprint} with whoever runs the server, then trust it for this "
                         "source."), fingerprint=seen.trust.certificate.fingerprint)  # fmt: skip
    codes = {seen.verdict.code, seen.trusting.code if seen.trusting else 0}
    if codes & _OTHER_NAME:
        return phrase(N_("Write the address with a name that the certificate has, or have one made for {host}."),
                      host=seen.host)  # fmt: skip
    if _NOT_YET in codes:
        return phrase(N_("Set the clock of Chartroom's machine right; if it is, ask who runs the server."))
    if _EXPIRED in codes:
        return phrase(N_("Ask who runs the server to renew it."))
    if codes & _UNTRUSTED:
        return phrase(
            N_("Give the certificate of the authority as CA of this source, or have the server send it along.")
        )
    return phrase(N_("Ask who runs the server for a better certificate."))


def _joined(faults: list[Phrase]) -> Phrase:
    first, *others = faults
    return phrase("{first} {then}", first=first, then=others[0]) if others else first


def _day(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d") if moment else "?"


def _minute(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC") if moment else "?"
