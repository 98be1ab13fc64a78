"""Each source as a Helm repository, for ``helm repo add`` and for captain.

``document`` (entries to one index, pure), ``indexes`` (indexes kept on disk until their source changes),
``credentials`` (the one user name and password of each source that captain is given).
"""
