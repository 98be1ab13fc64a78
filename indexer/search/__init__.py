"""Search: a Whoosh index beside the store, derived from it and disposable.

::

    words ──▶ document   what a chart is to a searcher: weighted words of its latest version
    ▲ └─────▶ query      what a person typed: words with other forms that will do, conditions, phrases
    │         ▲          (syntax takes it apart, fields names what can be asked for)
    glossary             Chinese words and short ones, with what they mean
    spelling             what a misspelt word may have meant
    columns              what filters, facets and orders need, held in memory beside an opened index
    ranking              which charts answer a query, and how well
    highlight            where a hit matched
    whoosh_index         how Whoosh holds it, and how it follows the store's change log

``request`` has the questions and answers that callers see. Only ``whoosh_index`` imports whoosh.
"""
