"""SkeletonNet: from pictures to skeletal points, a skeletal volume, and the surface around it."""
