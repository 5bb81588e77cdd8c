"""Real servers on private ports for tests."""
