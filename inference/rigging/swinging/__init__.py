"""What swings on a body: hair, skirts, capes, tails and ears; chains of bones for them, their weights and springs."""
