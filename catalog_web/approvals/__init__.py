"""Approvals: what a person wants to send from a source that demands it waits until an administrator decides.

``service`` (what people and administrators do), ``gate`` (what is held back on its way to a cluster), ``kept`` (a wish
as it is kept), ``states`` (what may follow what).
"""
