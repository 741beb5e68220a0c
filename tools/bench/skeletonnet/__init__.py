"""The tables of SkeletonNet."""
