"""The parts of the benchmark: one file per question it answers."""
