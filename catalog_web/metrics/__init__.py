"""What Prometheus reads: ``meters`` (what this process counts while it works), ``families`` (what the store, the
clusters and the search index say at the moment of the scrape) and ``scrape`` (both as one text, in bounded time).

Names follow https://prometheus.io/docs/practices/naming/. Labels have few values each: sources, clusters, routes and
ids of errors, never anything that a request brings.
"""
