"""Hair, skirts, tails and ears that swing."""
