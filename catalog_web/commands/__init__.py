"""The verbs of the command line, a module an area; ``common`` holds what they share."""
