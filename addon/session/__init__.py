"""What the panel shows as one frozen state, and the one runner of what follows from its changes."""
