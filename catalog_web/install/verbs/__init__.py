"""What can be done with an app, a module a verb. `catalog_web.install.service` is the door to all of them.

Each verb keeps what it is about to do as a revision first, sends it, and remembers what the cluster made of it.
"""
