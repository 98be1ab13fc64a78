"""``make load``: mixed traffic on several processes while a large index is synced, for minutes or for long.

``room`` (what runs), ``traffic`` (who asks, a process of its own), ``memory`` (what the processes hold), ``report``.
"""
