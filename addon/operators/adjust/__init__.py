"""Edit Joints and the buttons that stand under it."""
