"""A partner in its own process: a catalogue, an order ledger and an API with words of its own, for demo and tests."""
