"""Every metric once: benchmarks, training and tests call these."""
