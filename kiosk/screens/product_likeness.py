"""Which of the products that are like another are the same thing in another size or colour, listed as one of their own.

The device says what is like a product, the same style first, and not where that ends. So it is asked of each in the way
in which the catalogue decides it.
"""

from __future__ import annotations

from typing import NamedTuple

from kiosk.device import Device
from retail.offer import Listing, Product
from sync.catalogue.likeness import style_of


class Alike(NamedTuple):
    """``same``: in another size or colour; ``near``: alike in category, attributes and price."""

    same: tuple[Listing, ...] = ()
    near: tuple[Listing, ...] = ()


NONE_ALIKE = Alike()


class _Told(NamedTuple):
    name: str
    brand: str
    category: str
    attributes: str = ""


def alike(device: Device, listing: Listing) -> Alike:
    """What is like ``listing`` and can be sent. Raises AisleError when the catalogue cannot be read."""
    style = _style(listing.product)
    same: list[Listing] = []
    near: list[Listing] = []
    for other in device.similar(listing.product.id):
        # A preview has not all of its sizes and colours, and those in its name do not count.
        whole = device.listing(other.product.id) or other
        (same if _style(whole.product) == style else near).append(other)
    return Alike(tuple(same), tuple(near))


def _style(product: Product) -> int:
    options = {value for variant in product.variants for value in variant.options.values()}
    return style_of(_Told(product.name, product.brand, product.category), options)
