"""Notices out: who wants to be told of what, and how it reaches them.

``service`` (what people do with subscriptions, and the work of the process that leads), ``sending`` (a batch with its
deadline), ``webhook`` and ``email`` (the channels), ``letters`` (what is said), ``following`` (what happened),
``audience`` (who may know of it), ``wanted`` (what somebody asks to be told of).
"""
