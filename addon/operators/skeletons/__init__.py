"""Rest poses, and the skeletons of other programs."""
