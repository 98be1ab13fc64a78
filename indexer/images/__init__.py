"""The container images that a version of a chart would pull."""
