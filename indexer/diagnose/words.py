"""What the upper rungs say where all is well, and what is said in more than one place. Pure."""

from indexer.diagnose.listing import Read
from indexer.diagnose.result import Rung, RungId
from indexer.diagnose.road import Step
from indexer.errors import N_, AddressRefused, Phrase, phrase
from indexer.model import Source, SourceKind
from indexer.sources.detect import Detected

NOT_TRIED = phrase(N_("Not tried."))
_KINDS: dict[SourceKind, str] = {
    "index": N_("A chart repository with an index.yaml."),
    "harbor": N_("A Harbor, read through its API."),
    "oci": N_("An OCI registry."),
    "directory": N_("A folder of this machine."),
}


def not_tried(rung: RungId) -> Rung:
    """A rung behind the one at which the way ended."""
    return Rung(rung, "skipped", 0, NOT_TRIED)


def no_server() -> Step:
    """What a folder does without."""
    return Step("skipped", phrase(N_("A folder is read without a server.")))


def closed(error: AddressRefused) -> Step:
    """An address that may not be dialled, without a word about what is there or where a name leads."""
    text = N_("{host} is not at an address that may be reached from here.")
    return Step("fail", phrase(text, host=error.params.get("host", "?")), phrase(error.remedy_text))


def open_address(error: AddressRefused) -> Step:
    """The same for whoever runs the server."""
    return Step("fail", phrase(error.cause_text, **error.params), phrase(error.remedy_text))


def without_tls(source: Source) -> Step:
    """What http:// means."""
    if source.is_private:
        text = N_("The address begins with http://, so whoever listens in on the way reads the credentials.")
        return Step("warn", phrase(text), phrase(N_("Write https:// if the server speaks TLS, too.")))
    return Step("skipped", phrase(N_("The address begins with http://, so there is no TLS.")))


def plain_taken() -> Step:
    """A registry without TLS, where that is taken."""
    text = N_("No TLS is spoken there, so the registry is read over plain HTTP: it is on this machine, or the check of "
              "certificates is turned off.")  # fmt: skip
    return Step("warn", phrase(text), phrase(N_("Turn on TLS on the registry.")))


def plain_at(host: str, port: int) -> Step:
    """HTTP without TLS at the port of an https:// address."""
    text = N_("Port {port} of {host} speaks plain HTTP, without TLS.")
    remedy = N_("Write http:// if that is meant, or give the port at which the server speaks TLS, such as 443.")
    return Step("fail", phrase(text, host=host, port=port), phrase(remedy))


def tls_at(host: str, port: int) -> Step:
    """TLS at the port of an http:// address."""
    text = N_("Port {port} of {host} speaks TLS, and the address begins with http://.")
    return Step("fail", phrase(text, host=host, port=port), phrase(N_("Write https:// in the address.")))


def handshake_stalls() -> Step:
    """A TLS handshake that never ends."""
    text = N_("The server takes the connection and does not go on with the TLS handshake.")
    remedy = N_("It is overloaded, waits for a server behind it, or speaks another protocol at this port.")
    return Step("fail", phrase(text), phrase(remedy))


def handshake_closed() -> Step:
    """A TLS handshake that the other side ends without a word."""
    text = N_("The server closes the connection in the middle of the TLS handshake.")
    remedy = N_("A firewall or a load balancer without a server behind it does so, and a port of another protocol.")
    return Step("fail", phrase(text), phrase(remedy))


def answers() -> Step:
    """HTTP is spoken."""
    return Step("ok", phrase(N_("The server answers over HTTP.")))


def kind(source: Source, found: Detected | None) -> Step:
    """What it is. ``found``: where more is known of it."""
    facts = {"kind": source.kind, "given": source.kind_given}
    if found is not None and found.version and source.kind == "harbor":
        text = N_("A Harbor {version}, read through its API.")
        return Step("ok", phrase(text, version=found.version), facts={**facts, "version": found.version})
    return Step("ok", phrase(_KINDS[source.kind]), facts=facts)


def kind_unknown() -> Step:
    """Nobody may look."""
    return Step("skipped", phrase(N_("What it is can only be told after the sign-in.")))


def other_kind(found: Detected) -> Step:
    """The source is of another kind than was given."""
    text = N_("There is no index.yaml there: it is {what}.")
    remedy = N_("Choose the kind “{kind}” for this source, with the address {url}.")
    return Step("fail", phrase(text, what=found.what), phrase(remedy, kind=found.kind, url=found.url),
                {"kind": found.kind, "url": found.url})  # fmt: skip


def signed_in(source: Source) -> Step:
    """Who asked."""
    if source.username:
        return Step("ok", phrase(N_("Read as {user}."), user=source.username))
    if source.is_private:
        return Step("ok", phrase(N_("Read with the credentials of this source.")))
    return Step("ok", phrase(N_("Anybody may read it; no credentials are given.")))


def was_read(read: Read) -> Step:
    """How far the reading came."""
    facts = {"bytes": read.bytes, "projects": read.projects}
    if read.partial is not None:
        remedy = N_("A sync takes as long as “timeout” of the source allows, and reads to the end.")
        return Step("warn", read.partial, phrase(remedy), facts)
    if read.refused:
        first = read.refused[0]
        text = N_("{refused} of {projects} projects may not be read: {cause}")
        cause = phrase(first.cause_text, **first.params)
        told = phrase(text, refused=len(read.refused), projects=read.projects, cause=cause)
        return Step("warn", told, phrase(first.remedy_text, **first.params), facts)
    if read.projects:
        return Step("ok", phrase(N_("{projects} projects were read."), projects=read.projects), facts=facts)
    return Step("ok", phrase(N_("It was read to its end.")), facts=facts)


def charts(source: Source, read: Read) -> Step:
    """How many charts a sync would find."""
    facts = {"charts": read.charts, "versions": read.versions, "skipped": read.skipped}
    if not read.charts and read.partial is not None:
        return Step("skipped", phrase(N_("They were not counted, as not all was read.")), facts=facts)
    if not read.charts and read.left_out:
        text = N_("The filters of this source leave out all charts that are there, {charts}.")
        remedy = N_("Look at “include”, “exclude”, “versions” and “prereleases”.")
        return Step("warn", phrase(text, charts=f"{read.left_out:,}"), phrase(remedy), facts)
    if not read.charts:
        return Step("warn", _NONE[source.kind], _NONE_REMEDY[source.kind], facts)
    text = N_("{charts} charts in {versions} versions.")
    found = phrase(text, charts=f"{read.charts:,}", versions=f"{read.versions:,}")
    if read.partial is not None:
        return Step("ok", phrase(N_("{found} There may be more."), found=found), facts=facts)
    if read.skipped:
        told = phrase(N_("{found} {skipped} more entries cannot be read."), found=found, skipped=read.skipped)
        remedy = N_("After a sync the page of the source names them, with their lines.")
        return Step("warn", told, phrase(remedy), facts)
    return Step("ok", found, facts=facts)


_NONE: dict[SourceKind, Phrase] = {
    "index": phrase(N_("The index lists no chart.")),
    "harbor": phrase(N_("There is no chart in the projects that this account may read; images do not count.")),
    "oci": phrase(N_("There is no chart in these repositories; images and other artifacts do not count.")),
    "directory": phrase(N_("There is no chart in the folder.")),
}
_NONE_REMEDY: dict[SourceKind, Phrase] = {
    "index": phrase(N_("It may be a repository that is still empty; else check the address.")),
    "harbor": phrase(N_("Push charts with “helm push”, or let the account read the projects that have some.")),
    "oci": phrase(N_("Check the path; charts are pushed with “helm push”.")),
    "directory": phrase(N_("Put packed charts (.tgz) or folders of charts there.")),
}
