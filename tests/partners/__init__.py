"""Tests of the partners package."""
