"""Webhooks: a registry says what changed, and only that is read anew, within seconds.

``keys`` (which sources an ``Authorization`` text names), ``calls`` (what a call makes due). A call is a hint and never
the truth: whatever it says, all it does is to let Chartroom look.
"""
