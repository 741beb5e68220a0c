"""What a body consists of: flesh, trunk and limbs, landmarks, and its kind."""
