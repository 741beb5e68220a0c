"""How a pipeline is run: jobs, framing, the worker process, its client, and the in-process runner."""
