"""What a Vendure variant is as an offer of ours."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

from partners.contract import PartnerRecord
from partners.vendure.settings import Settings
from partners.vendure.shop import Shop, for_sale
from partners.vendure.wire import GlobalSettings, Variant, VariantsAnswer, money
from retail.errors import BadResponse
from retail.gtin import LENGTHS, Gtin
from retail.money import Money
from retail.offer import Offer
from retail.order import MOST_PIECES

TAG = re.compile(r"<[^<>]*>")
LONGEST = 4000  # characters of a description


def price_of(variant: Variant, settings: Settings) -> Money:
    """What one piece costs, tax included; raises BadResponse when it is not in the currency we asked for."""
    price = money(variant.price_with_tax, variant.currency_code, settings.decimals)
    if settings.currency and price.currency != settings.currency:
        raise BadResponse(f"a price in {price.currency} where {settings.currency} was asked for")
    if price.minor < 0:
        raise BadResponse("a negative price")
    return price


def available(variant: Variant, rules: GlobalSettings) -> int:
    """How many pieces the shop would sell; what it does not count is plenty."""
    tracked = (
        rules.track_inventory if variant.track_inventory == "INHERIT" else variant.track_inventory == "TRUE"
    )
    if not tracked:
        return MOST_PIECES
    kept = (
        rules.out_of_stock_threshold
        if variant.use_global_out_of_stock_threshold
        else variant.out_of_stock_threshold
    )
    free = sum(level.stock_on_hand - level.stock_allocated for level in variant.stock_levels)
    return max(0, free - kept)


def gtin_of(variant: Variant) -> Gtin | None:
    """Its barcode as a GTIN; None when it has none or it is not one."""
    return Gtin.or_none(variant.custom_fields.barcode or "")


def spellings(gtin: Gtin) -> list[str]:
    """All ways a shop may have written ``gtin`` down: 14 digits, and shorter without leading zeros."""
    return [gtin[-length:] for length in LENGTHS if not gtin[:-length].strip("0")]


def offer(shop: Shop, variant: Variant, rules: GlobalSettings, as_of: datetime) -> Offer:
    """``variant`` as an offer true at ``as_of``; raises BadResponse when it has no usable barcode or price."""
    gtin = gtin_of(variant)
    if gtin is None:
        raise BadResponse(f"{variant.sku!r} has no barcode that is a GTIN")
    facets = {value.facet.code: value.name for value in reversed(variant.product.facet_values)}
    picture = variant.featured_asset or variant.product.featured_asset
    options = sorted(variant.options, key=lambda option: (len(option.group.id), option.group.id))
    return Offer(
        partner=shop.record.id,
        sku=variant.sku,
        gtin=gtin,
        product=variant.product.id,
        name=plain(variant.product.name),
        price=price_of(variant, shop.settings),
        available=available(variant, rules),
        as_of=as_of,
        brand=plain(facets.get("brand", "")),
        category=plain(facets.get("category", "")),
        description=plain(variant.product.description),
        options={plain(option.group.name): plain(option.name) for option in options},
        picture=_picture(picture.preview, shop.record) if picture else None,
    )


def offers(shop: Shop, answer: VariantsAnswer, as_of: datetime) -> Iterator[Offer]:
    """Every usable offer of ``answer``, in its order.

    One variant without a barcode or with an odd price must not hide all others, so it is left out.
    """
    for variant in for_sale(answer):
        try:
            yield offer(shop, variant, answer.global_settings, as_of)
        except BadResponse:
            continue


def _picture(address: str, record: PartnerRecord) -> str | None:
    """A picture of the size that a kiosk shows; None for one anywhere but where the record says."""
    base = urlsplit(record.picture_base or record.endpoint)
    try:
        whole = urlsplit(address)
    except ValueError:
        return None
    if (whole.scheme, whole.netloc) != (base.scheme, base.netloc):
        return None
    return address if whole.query else f"{address}?preset=medium"


def plain(text: str) -> str:
    """``text`` without HTML and without characters that cannot be seen, on one line, at most 4,000 characters."""
    text = html.unescape(TAG.sub(" ", text))
    text = "".join(" " if unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp") else one for one in text)
    return " ".join(text.split())[:LONGEST]
