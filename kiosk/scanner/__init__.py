"""Reading codes: from the camera, from picture files, from a hand scanner, from somebody's typing."""

from kiosk.scanner.read import read_codes, read_image
from kiosk.scanner.reading import Reading

__all__ = ["Reading", "read_codes", "read_image"]
