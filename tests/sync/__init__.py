"""Tests of the device: its store, queue, worker, catalogue and its link to the OMS, on real encrypted files."""
