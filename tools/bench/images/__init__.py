"""Pictures and renderers measured."""
