"""What the address of a Harbor says beside its host. Pure.

People copy it from a browser, or from what they told Helm years ago.
"""

import re
from fnmatch import fnmatchcase
from urllib.parse import unquote, urlsplit

from indexer.model import Source

_PROJECT = re.compile(r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*")
"""Harbor's own rule for the names of projects, which become a part of a source's."""
MAX_PROJECT = 255
_OWN = frozenset({"account", "api", "c", "chartrepo", "harbor", "index.yaml", "service", "v1", "v2"})
"""First parts of paths that Harbor itself serves."""


def is_project(name: str) -> bool:
    """Whether ``name`` may be a project's."""
    return len(name) <= MAX_PROJECT and _PROJECT.fullmatch(name) is not None


def project_in(url: str) -> str:
    """The project that ``url`` means: its name, or its number, of which the portal's addresses are made.

    Such as of ``…/chartrepo/library``, ``…/harbor/projects/3/repositories`` or ``…/library``; empty: all of them.
    """
    parts = [unquote(part) for part in urlsplit(url).path.split("/") if part] + ["", "", ""]
    if parts[0] == "harbor" and parts[1] == "projects" and parts[2].isdecimal():
        return parts[2]
    name = parts[1] if parts[0] == "chartrepo" else parts[0]
    return name if is_project(name) and name not in _OWN else ""


def is_meant(source: Source, project: str, number: int | None = None) -> bool:
    """Whether ``source`` means ``project``: by the globs of its ``projects``, else by its address, if that names one.

    Where it does so by a ``number`` that is not told, the project counts as meant.
    """
    if source.projects:
        return any(fnmatchcase(project, glob) for glob in source.projects)
    named = project_in(source.url)
    if named.isdecimal():
        return number is None or named in (str(number), project)
    return named in ("", project)
