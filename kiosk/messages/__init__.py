"""Translations, one module per language; ``kiosk.strings`` looks them up."""
