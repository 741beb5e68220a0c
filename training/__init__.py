"""What Bonewright learns from and is measured by. Never shipped in the extension."""
