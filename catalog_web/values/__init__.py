"""The values of a chart as a person gives them: a form, a YAML text, and what is sent of it.

::

    a chart ──form──▶ fields ──state──▶ what a page shows ──posting──▶ the person's text ──reading──▶ values
                                                                            │                           │
    schema ──validation──▶ problems, each with its line in the text ◀───────┘    difference, secrets ◀──┘

The person's YAML text is the one truth: a form changes it path by path, and all else in it stays as it was, byte for
byte. All of it is pure; only the check against schemas runs in a process of its own.
"""
