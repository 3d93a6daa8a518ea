"""What partners offer, remembered on the device: loaded page by page, searched in milliseconds, useful offline."""

from sync.catalogue.facets import FacetCount, Facets
from sync.catalogue.filters import EVERYTHING, Filters
from sync.catalogue.load import load
from sync.catalogue.search import SearchPage
from sync.catalogue.shelf import Shelf
from sync.catalogue.similar import Similar

__all__ = ["EVERYTHING", "FacetCount", "Facets", "Filters", "SearchPage", "Shelf", "Similar", "load"]
