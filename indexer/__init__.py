"""From a chart repository to a searchable catalog, in the order of the modules.

::

    sources ──http──▶ parse ──▶ plan ──▶ store ──change log──▶ search
    index, directory  bytes →   old+new   SQL, the              Whoosh: derived,
                      entries   → changes only truth            disposable

``sources`` fetches (``http`` has the manners), ``parse`` turns bytes into entries and problems, ``plan`` decides,
``store`` keeps and writes the change log, ``archive`` reads what a chart's archive holds, ``search`` follows the change
log, ``sync`` calls all of them in the right order, and ``schedule`` asks the store what is due.

This package knows no Flask and no Kubernetes.
"""
