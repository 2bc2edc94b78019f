"""Facts stated in casual first-person English, found by rules: pure, precise, 15 to 100 µs an utterance."""
