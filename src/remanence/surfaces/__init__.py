"""Where a person or another program meets the engine."""
