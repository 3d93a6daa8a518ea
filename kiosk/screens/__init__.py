"""One module per screen: its State (what can happen), then its look. Routes are in ``kiosk.app``."""
