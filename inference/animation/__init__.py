"""Controls and motion: which controls a rig gets, clips on skeletons, and how one skeleton moves like another."""
