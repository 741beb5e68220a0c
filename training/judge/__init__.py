"""Teaching the judge: rigs that are right, rigs made wrong on purpose, and a small model that tells them apart."""
