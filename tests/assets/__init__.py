"""Tests of what is bundled beside the code."""
