"""VRM 1.0 in a glTF document: spring bones, and what makes a person of a skeleton."""
