"""Motions that are computed: walk, run, idle, wave, fly, swim, for whatever body can do them."""
