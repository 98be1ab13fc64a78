"""What takes too long for every change: ``make soak``, with figures for docs/measurements.md."""
