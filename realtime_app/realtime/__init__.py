"""Delivery: feeds, connections and what keeps them complete."""
