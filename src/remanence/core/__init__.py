"""Pure algorithms: no I/O, no clock, no randomness except as arguments."""
