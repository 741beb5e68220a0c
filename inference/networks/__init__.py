"""Networks. Their weights are read by NumPy alone; torch is imported only where a network is run by it."""
