"""What a body consists of: interior, trunk and limbs, landmarks, and its kind."""
