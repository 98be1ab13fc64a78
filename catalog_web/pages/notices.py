"""One's own notices, everybody's for administrators, and what both may do with one."""

from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from catalog_web import subscribing
from catalog_web.auth import current_person, rule
from catalog_web.notices.letters import TITLES
from catalog_web.pages.notice_form import Made, change_from_form, lines, made_from_form
from catalog_web.pages.view import services
from indexer.errors import ChartroomError
from indexer.notices import KINDS

Answer = tuple[str, int] | Response

pages = Blueprint("notices", __name__)


@pages.get("/account/notices")
@rule("account", "account")
def own() -> tuple[str, int]:
    """What one is told of, and what came of it."""
    return _own()


@pages.post("/account/notices")
@rule("notice.write", "account")
def add() -> Answer:
    """Make one; the page shows the secret of a webhook this once."""
    try:
        made = made_from_form()
    except ChartroomError as error:
        return _own(error)
    return _own(made=made)


@pages.get("/admin/notices")
@rule("admin.read", "admin")
def everybodys() -> tuple[str, int]:
    """Who is told of what, and what could not be sent."""
    return _everybodys()


@pages.post("/admin/notices")
@rule("admin.read", "admin")
def add_for_team() -> Answer:
    """Make one for a team."""
    try:
        made = made_from_form()
    except ChartroomError as error:
        return _everybodys(error)
    return _everybodys(made=made)


@pages.get("/account/notices/<subscription>")
@rule("account", "account")
def edit(subscription: str) -> tuple[str, int]:
    """The form that changes one. Raises SubscriptionNotFound."""
    return _edit(subscription)


@pages.post("/account/notices/<subscription>")
@rule("notice.write", "account")
def change(subscription: str) -> Answer:
    """Change one. Raises SubscriptionNotFound."""
    try:
        change_from_form(subscription)
    except ChartroomError as error:
        return _edit(subscription, error)
    return _back("notice-changed")


@pages.post("/account/notices/<subscription>/test")
@rule("notice.write", "account")
def test(subscription: str) -> Response:
    """Send a test within seconds. Raises SubscriptionNotFound."""
    services().notices.test(subscribing.reachable(services(), current_person(), subscription))
    return _back("notice-tested")


@pages.post("/account/notices/<subscription>/delete")
@rule("account", "account")
def delete(subscription: str) -> Response:
    """Forget one. Raises SubscriptionNotFound."""
    subscribing.remove(services(), subscribing.reachable(services(), current_person(), subscription))
    return _back("notice-deleted")


@pages.post("/account/deliveries/<delivery>/send")
@rule("notice.write", "account")
def send(delivery: str) -> Response:
    """Send one again. Raises DeliveryNotFound."""
    found = subscribing.reachable_delivery(services(), current_person(), delivery)
    services().store.deliveries.again(found.id, datetime.now(UTC))
    return _back("delivery-again")


def _own(error: ChartroomError | None = None, made: Made | None = None) -> tuple[str, int]:
    mine = subscribing.own(services(), current_person())
    page = render_template("notices/own.html", subscriptions=mine, lines=lines(mine), **_common(error, made))
    return page, error.status if error else 200


def _everybodys(error: ChartroomError | None = None, made: Made | None = None) -> tuple[str, int]:
    found = services().store.subscriptions.all()
    teams = services().store.teams.all()
    page = render_template(
        "notices/all.html", subscriptions=found, teams=teams, lines=lines(found, dead=True), **_common(error, made)
    )
    return page, error.status if error else 200


def _edit(subscription: str, error: ChartroomError | None = None) -> tuple[str, int]:
    found = subscribing.reachable(services(), current_person(), subscription)
    return render_template("notices/edit.html", one=found, **_common(error, None)), error.status if error else 200


def _common(error: ChartroomError | None, made: Made | None) -> dict[str, object]:
    chosen = request.form.getlist("events") if error else ["install-outcome"]
    return {
        "error": error,
        "made": made,
        "kinds": KINDS,
        "titles": TITLES,
        "mails": services().notices.mails,
        "typed": request.form if error else {},
        "chosen": chosen,
        "email": current_person().email,
    }


def _back(notice: str) -> Response:
    """To the page that the button was on."""
    where = "notices.everybodys" if request.form.get("from") == "admin" else "notices.own"
    return redirect(url_for(where, notice=notice), 303)
