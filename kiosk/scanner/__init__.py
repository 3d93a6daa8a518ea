"""Reading codes: from the camera, from picture files, from a hand scanner, from somebody's typing.

Its modules:

    where codes come from    sources (camera), browser (its camera), formats (picture files), wedge (hand scanner)
    the one way in           router; live: frames to codes that count; command: ``aisle scan``
    codes on one picture     read, with view, bars, squares; zbar and zxing are the libraries; blurred: our own eyes
    what is said to be true  evidence (one picture), accept (several frames); reading: one code as it was read
"""

from kiosk.scanner.read import read_codes, read_image
from kiosk.scanner.reading import Reading

__all__ = ["Reading", "read_codes", "read_image"]
