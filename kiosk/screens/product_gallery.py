"""The product's pictures: the chosen one large, those of its other colours small."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import flet as ft

from kiosk.components.pictures import Picture
from kiosk.components.touch import Named
from kiosk.theme import Radius, Space
from kiosk.ui import Ui
from retail.offer import Product, Variant

THUMB = 76
MOST_BESIDE = 2  # small pictures beside the large one in portrait


@dataclass(frozen=True, slots=True)
class View:
    """One way the product looks: its colour, or its picture where no option is a colour."""

    look: str
    picture: str


def look_of(product: Product, variant: Variant) -> str:
    """What tells the looks of ``product`` apart. Two partners' pictures of one colour are one look."""
    coloured = (value for value in variant.options.values() if value in product.swatches)
    return next(coloured, variant.picture or "")


def views(product: Product) -> tuple[View, ...]:
    """Each look once, with the picture of its first variant that has one."""
    found: dict[str, View] = {}
    for variant in product.variants:
        look = look_of(product, variant)
        if variant.picture and look not in found:
            found[look] = View(look, variant.picture)
    return tuple(found.values())


def Gallery(
    ui: Ui,
    product: Product,
    chosen: Variant | None,
    on_look: Callable[[str], None],
    *,
    width: float,
    height: float,
) -> ft.Control:
    """Landscape: one picture over a strip. Portrait: a large one and small ones beside it."""
    every = views(product)
    now = look_of(product, chosen) if chosen else ""
    shown = chosen.picture if chosen and chosen.picture else next((view.picture for view in every), None)
    others = [view for view in every if view.look != now]
    if ui.portrait:
        beside = others[:MOST_BESIDE]
        high = (height - Space.S) / 2
        small = 0.0 if not beside else high if len(beside) == 1 else width * 0.34 - Space.S
        large = width - small - Space.S if beside else width
        row: list[ft.Control] = [Picture(ui, shown, width=large, height=height, radius=Radius.CARD)]
        if beside:
            column = [_tile(ui, product, view, False, on_look, small, high) for view in beside]
            row.append(ft.Column(column, spacing=Space.S, tight=True))
        return ft.Row(row, spacing=Space.S)
    if not others:
        return Picture(ui, shown, width=width, height=height, radius=Radius.CARD)
    strip = [_tile(ui, product, view, view.look == now, on_look, THUMB, THUMB) for view in every]
    return ft.Column(
        [
            Picture(ui, shown, width=width, height=height - THUMB - Space.S, radius=Radius.CARD),
            ft.Container(ft.Row(strip, spacing=Space.XS, scroll=ft.ScrollMode.HIDDEN), width=width),
        ],
        spacing=Space.S,
        tight=True,
    )


def _tile(
    ui: Ui,
    product: Product,
    view: View,
    selected: bool,
    on_look: Callable[[str], None],
    width: float,
    height: float,
) -> ft.Control:
    """A small picture that can be pressed: the ring around the chosen one is drawn over it."""
    ring = ft.Container(
        left=0,
        right=0,
        top=0,
        bottom=0,
        border_radius=Radius.CONTROL,
        border=ft.Border.all(3, ui.c.primary) if selected else None,
        ink=True,
        on_click=ui.on(partial(on_look, view.look)),
    )
    spoken = view.look if view.look in product.swatches else product.name
    return Named(
        f"look-{view.look}",
        ft.Stack(
            [Picture(ui, view.picture, width=width, height=height, radius=Radius.CONTROL), ring],
            width=width,
            height=height,
        ),
        label=ui.t("Show {name}", name=spoken),
        button=True,
        selected=selected,
    )
