"""Controls for animators, and motion."""
