"""Whether the search finds what people want: ``judged.yaml`` says what they want, ``make relevance`` asks and counts.

``judged`` reads the judgements, ``room`` is the catalog that is searched, ``scoring`` counts.
"""
