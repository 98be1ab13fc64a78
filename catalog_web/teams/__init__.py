"""Team catalogs: what a team shows its members of the catalog, lets them use, and recommends.

``service`` (the teams of a person, and what they hide), ``typed`` (rules as people write them), ``deciding`` (what
follows from them).
"""
