"""The rules that find a breaking change, a module a theme: ``chart``, ``values``, ``objects``, ``definitions``.

A rule knows only what the two versions say (``sides``); what somebody set, or what runs, it does not know. So it says
how grave a thing is for those whom it concerns, with the place that it was seen at.
"""
