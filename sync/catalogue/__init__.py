"""What partners offer, remembered on the device: loaded page by page, searched in milliseconds, useful offline."""

from sync.catalogue.load import load
from sync.catalogue.search import SearchPage
from sync.catalogue.shelf import Shelf

__all__ = ["SearchPage", "Shelf", "load"]
