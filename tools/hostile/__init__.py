"""Files that mean harm, or are merely broken: what becomes of them when they are rigged."""
