"""Measurements: each prints its figures beside the limit they are held against."""
