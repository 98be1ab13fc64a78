"""What went wrong, as RFC 9457 problem details: the one place that makes them."""

from http import HTTPStatus

from catalog_web.api.shapes import ProblemDetails
from indexer.errors import ChartroomError

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:chartroom:problem:"
"""A name, not an address: the ``id`` behind it is stable."""

_REMEDIES = {
    400: "Send it as RFC 9110 and the description at /api/v1/openapi.json say.",
    401: "Send the user name and password that Chartroom made for this source.",
    404: "/api/v1/openapi.json lists every address.",
    405: "/api/v1/openapi.json lists what each address takes.",
    413: "Send less: a body may have 1 MiB, an install 5 MiB.",
    415: "Send the header “Content-Type: application/json” and a JSON body.",
    431: "Send at most 100 headers, of 32 KiB together.",
}


def problem(error: ChartroomError) -> ProblemDetails:
    """``error`` as problem details."""
    return details(error.status, error.id, error.cause, error.remedy)


def http_problem(status: int) -> ProblemDetails:
    """What HTTP itself refuses: an address that is not there, a method, a length, a type."""
    known = HTTPStatus(status) if status in HTTPStatus._value2member_map_ else HTTPStatus.INTERNAL_SERVER_ERROR
    remedy = _REMEDIES.get(known, "Look into the log of the server for the details.")
    return details(known, known.phrase.lower().replace(" ", "-"), f"{known.description or known.phrase}.", remedy)


def details(status: int, error_id: str, cause: str, remedy: str) -> ProblemDetails:
    """Problem details from their parts."""
    return {
        "type": TYPE + error_id,
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": cause,
        "id": error_id,
        "cause": cause,
        "remedy": remedy,
    }
