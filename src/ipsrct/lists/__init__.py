"""Allocation lists for a real trial: made from a scenario and a list seed, and audited."""
