"""Facts stated in casual first-person English, found by rules: pure, precise, some 100 µs an utterance."""
