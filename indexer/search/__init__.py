"""Search: a Whoosh index beside the store, derived from it and disposable.

::

    words ──▶ document   what a chart is to a searcher: weighted terms of its latest version (prose: of its README)
    ▲ └─────▶ query      what a person typed: words with other forms that will do, conditions, phrases
    │         ▲          (syntax takes it apart, fields names what can be asked for)
    glossary             Chinese words and short ones, with what they mean
    feed                 the store, as the index follows it (owners: which repository is a project's own)
    postings, rows       the terms and the facts of a segment's charts, in memory and as files (texts: on disk alone)
    columns, groups      filters, facets, orders; which charts are one chart in several sources
    ranking              which charts answer a query, and how well (conditions, phrases)
    answers              a whole answer, corrected where little is found (spelling); suggesting: while somebody types
    highlight            where a hit matched
    whoosh_index         how Whoosh holds it, and how it follows the store's change log

``request`` has the questions and answers that callers see. Only ``whoosh_index`` imports whoosh.
"""
