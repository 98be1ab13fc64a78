"""Who did what when from where with which result: written by every process, read by those who may.

``origin`` finds out who and from where, ``recorder`` writes, ``export`` makes files of it.
"""

from catalog_web.audit.recorder import Recorder

__all__ = ["Recorder"]
