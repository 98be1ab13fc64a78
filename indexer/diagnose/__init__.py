"""Why a source cannot be read, or that it can: a ladder from its name to the number of its charts.

``road`` knows the way to the server (name, port, proxy), ``handshake`` what it shows of itself and whether that is
believed (``certificates``), ``listing`` reads the charts as a sync does, ``instead`` looks what stands where an index
was expected, ``explain`` turns the error of a sync into the rung it belongs to, ``words`` says what was found, and
``ladder`` calls them in the right order. What comes out is a ``Diagnosis`` (``result``).

``ladder`` is not imported here: it loads libraries that whoever only shows a result does not need.
"""

from indexer.diagnose.certificates import Certificate, Trust
from indexer.diagnose.result import RUNGS, Diagnosis, Rung, RungId, RungState

__all__ = ["RUNGS", "Certificate", "Diagnosis", "Rung", "RungId", "RungState", "Trust"]
