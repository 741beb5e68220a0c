"""What a run keeps of what it did, in OUT/.bonewright: records, the lock, reports; and what is still to be done."""
