"""The remembered catalogue."""
