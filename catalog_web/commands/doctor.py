"""``doctor``: what is well and what is not, each with its remedy."""

import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

import click

from catalog_web.commands.common import (
    EXIT_SOURCE_FAILED,
    ago,
    expect_here,
    load_config,
    opened,
    print_json,
    store_database,
    visible,
    with_config,
    with_json,
)
from indexer.errors import ChartroomError, SecretKeyUnusable, SecretsLocked

if TYPE_CHECKING:
    from catalog_web.install.cluster_states import ClusterState
    from catalog_web.services import Services
    from indexer.audited import Break
    from indexer.model import SourceState


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    state: Literal["ok", "problem"]
    cause: str
    remedy: str = ""


@click.command()
@with_json
@click.option("--migrations", is_flag=True, help="Only say what the next start would change in the database.")
@with_config
def doctor(as_json: bool, migrations: bool) -> None:
    """Check configuration, database, search index, sources, clusters. Exit code 3 where something is wrong."""
    expect_here()
    findings = list(_look_ahead() if migrations else _look())
    if as_json:
        print_json([asdict(one) for one in findings])
    else:
        for one in findings:
            click.echo(f"{one.state:<8} {visible(one.what)}: {visible(one.cause)}")
            if one.remedy:
                click.echo(f"{'':<8} {visible(one.remedy)}")
    if any(one.state == "problem" for one in findings):
        sys.exit(EXIT_SOURCE_FAILED)


def _look() -> Iterator[Finding]:
    """Look at one thing after another; what rests on something broken is left out."""
    from indexer.store.migrating import current

    try:
        config = load_config()
    except ChartroomError as error:
        yield _problem("configuration", error)
        return
    yield Finding("configuration", "ok", f"{config.file or 'the environment'} has no mistakes")
    try:
        with opened(declare=True) as caller:
            database = caller.services.store.database
            yield Finding("database", "ok", f"answers, with schema {current(database)}, in {database.place}")
            yield _secrets(caller.services)
            yield _audit(caller.services)
            yield _index(caller.services)
            yield from _sources(caller.services)
            yield from _clusters(caller.services)
            yield from _publications(caller.services)
    except (SecretsLocked, SecretKeyUnusable) as error:
        yield _problem("stored secrets", error)
    except ChartroomError as error:
        yield _problem("database", error)


def _look_ahead() -> Iterator[Finding]:
    """What a start would do to the database, which is left as it is."""
    from indexer.store.migrating import FIRST, pending

    try:
        with closing(store_database(load_config())) as database:
            due = pending(database)
    except ChartroomError as error:
        yield _problem("migrations", error)
        return
    if not due:
        yield Finding("migrations", "ok", "none is due")
    for one in due:
        yield Finding(f"migration {one.revision}", "ok", f"the next start runs it: {one.summary}")
    if due and due[0].revision != FIRST:
        copy = "Make a copy before: chartroom backup FILE. Only that copy leads back to the earlier program."
        yield Finding("migrations", "ok", "what is stored is kept and brought forward", copy)


def _secrets(services: "Services") -> Finding:
    """A start seals all of them with the first key, so by now no other one is needed."""
    from indexer.store.sealed import count_sealed

    with services.store.database.read() as connection:
        kept = count_sealed(connection)
    spare = services.store.vault.spare_keys()
    told = f"{kept} are kept, all of them sealed with the first key" if kept else "none is kept"
    if not spare:
        return Finding("stored secrets", "ok", told)
    keys = "the other key is" if spare == 1 else f"the other {spare} keys are"
    return Finding("stored secrets", "ok", f"{told}; {keys} no longer needed")


def _audit(services: "Services") -> Finding:
    """Whether the chain of the audit log holds, and whether it ends where its head says."""
    from indexer.audited import Break

    found = services.store.audit.verify()
    if isinstance(found, Break):
        return Finding("audit log", "problem", *_broken(found))
    rows = _count(services.store.audit.count(), "row")
    return Finding("audit log", "ok", f"{rows}, unbroken up to row {found.id}, whose chain is {found.chain}")


def _broken(found: "Break") -> tuple[str, str]:
    """Cause and remedy."""
    if found.why == "unproven":
        return (
            f"nothing that was signed with a key of ours says that no row is missing up to row {found.row}",
            "Give all processes the same secret_key. Where they had it all the time, somebody changed the database:"
            " compare it with a backup and with the lines “audit row” of the log. This is told until audit_keep removes"
            " that row.",
        )
    what = {
        "absent": f"row {found.row} is not there any more",
        "changed": f"row {found.row} is not what was written",
        "added": f"row {found.row} was not written by Chartroom",
    }[found.why]
    if found.last:
        what = f"rows {found.row} to {found.last} are missing at the end"
    return what, "Somebody changed the database. Compare it with a backup and with the lines “audit row” of the log."


def _index(services: "Services") -> Finding:
    from indexer.search.request import SearchRequest

    try:
        if services.catalog.lag():
            services.catalog.follow()
        found = services.search.search(SearchRequest(limit=0))
    except ChartroomError as error:
        return _problem("search index", error)
    return Finding("search index", "ok", f"holds {found.total} charts and is up to date")


def _sources(services: "Services") -> Iterator[Finding]:
    states = services.catalog.sources()
    if not states:
        yield Finding("sources", "problem", "there is none", "Add one: chartroom source add NAME URL")
    for one in states:
        yield _source(one)


def _source(state: "SourceState") -> Finding:
    from indexer.errors import describe
    from indexer.filters import leaves_nothing

    what, last = f"source {state.source.name}", state.last_attempt
    if state.health == "failing" and last is not None:
        error = describe(last.error_id, last.error_params)
        return Finding(what, "problem", f"{_failing(state)}: {error.cause}", error.remedy)
    if state.health == "held" and state.held is not None:
        remedy = f"Look whether that is meant; then: chartroom sync {state.source.name} --accept-removals"
        return Finding(what, "problem", f"removals are held: {state.held.reason}", remedy)
    if state.health == "never":
        remedy = f"Start it: chartroom sync {state.source.name}"
        return Finding(what, "problem", "was never synced", remedy)
    if state.health == "disabled":
        return Finding(what, "ok", "is disabled")
    if leaves_nothing(state):
        remedy = "Look at include, exclude, versions and prereleases of the source."
        return Finding(what, "problem", "is read well, but its filter leaves no chart", remedy)
    flaws = f", {state.problems} with a problem" if state.problems else ""
    return Finding(what, "ok", f"{_count(state.charts, 'chart')}, {_count(state.versions, 'version')}{flaws}")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _failing(state: "SourceState") -> str:
    """Since when, and when it is tried again."""
    from catalog_web.api.shapes import moment

    told = "failing"
    if state.failing_since:
        told += f" for {_span(datetime.now(UTC) - state.failing_since)} (since {ago(moment(state.failing_since))})"
    return f"{told}, next try {ago(moment(state.next_due))}"


def _span(span: timedelta) -> str:
    for size, unit in ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute")):
        if span >= size:
            return f"{span // size} {unit}{'s' if span >= 2 * size else ''}"
    return "less than a minute"


def _clusters(services: "Services") -> Iterator[Finding]:
    if not services.installs.clusters:
        how = "to install charts, name one with its kubeconfig under “clusters” in the configuration file"
        yield Finding("clusters", "ok", f"none is configured; {how}")
    for one in services.installs.states():
        yield from _cluster(one)


def _cluster(state: "ClusterState") -> Iterator[Finding]:
    what, health = f"cluster {state.cluster}", state.health
    if health is None:
        yield Finding(what, "problem", "it has not answered", "Check that its API server runs and can be reached.")
    elif health.error is not None:
        yield _problem(what, health.error)
    else:
        yield Finding(what, "ok", f"Kubernetes {health.version}, captain's {', '.join(health.serves)}")
        for check in state.checks:
            if check.state in ("warn", "fail"):
                yield Finding(f"captain of {what}", "problem", check.cause, check.remedy)


def _publications(services: "Services") -> Iterator[Finding]:
    for one in services.publisher.publications():
        well = one.state in ("published", "waiting")
        what = f"source {one.source} for captain of {one.cluster}"
        yield Finding(what, "ok" if well else "problem", one.cause, "" if well else one.remedy)


def _problem(what: str, error: ChartroomError) -> Finding:
    return Finding(what, "problem", error.cause, error.remedy)
