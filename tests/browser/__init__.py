"""The kiosk in a real Chromium."""
