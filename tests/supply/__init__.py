"""What Chartroom is made of: whether any of it is known to be vulnerable (``audit``), and the list of it (``sbom``)."""
