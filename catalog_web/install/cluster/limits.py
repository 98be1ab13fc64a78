"""How long, how much and how many: what one cluster may cost."""

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
TOTAL_SECONDS = 15.0
"""For one verb as a whole, however many requests it takes."""

MAX_BODY = 16 * 1024 * 1024
"""Bytes of one answer, or of one event of a watch; an object is at most about 3 MB, so a page of five always fits."""
MAX_OBJECTS = 5_000
"""HelmRequests, namespaces or events that are read from one list."""
PAGE, SMALL_PAGE = 200, 5
CHUNK = 256 * 1024

MAX_AT_ONCE = 4
"""Calls of one cluster at the same time, given up ones included: a hanging one must not hold all threads of the web."""
SLOT_SECONDS = 1.0
"""How long one more call waits for its turn."""
