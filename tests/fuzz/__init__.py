"""Foreign input, made up without end: a target for every parser that reads some.

``mutation`` (a good input, damaged), ``targets`` (what is held of a target, and their table), one module for what comes
from where: ``repositories``, ``charts``, ``servers``, ``people``, ``clusters``, ``providers``, ``backups``.
``python -m tests.fuzz`` runs them.
Each target says more than that nothing crashes: what was read once is read the same again, what was refused is refused
by an error of Chartroom's own, and no input takes seconds or fills the memory.
"""
