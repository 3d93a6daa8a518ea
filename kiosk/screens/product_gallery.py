"""The product's pictures: the chosen one large, those of its other colours small."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import flet as ft

from kiosk.components.pictures import Picture
from kiosk.components.touch import Named
from kiosk.theme import Radius, Space
from kiosk.ui import Ui
from retail.offer import Product

THUMB = 76
MOST_BESIDE = 2  # small pictures beside the large one in portrait


def pictures_of(product: Product) -> dict[str, str]:
    """The pictures of its variants, each once, with what the first variant on it is called."""
    named: dict[str, str] = {}
    for variant in product.variants:
        if variant.picture and variant.picture not in named:
            named[variant.picture] = next(iter(variant.options.values()), product.name)
    return named


def Gallery(
    ui: Ui,
    product: Product,
    chosen: str | None,
    on_picture: Callable[[str], None],
    *,
    width: float,
    height: float,
) -> ft.Control:
    """Landscape: one picture over a strip. Portrait: a large one and small ones beside it."""
    pictures = pictures_of(product)
    shown = chosen or next(iter(pictures), None)
    others = [name for name in pictures if name != shown]
    if ui.portrait:
        beside = others[:MOST_BESIDE]
        high = (height - Space.S) / 2
        small = 0.0 if not beside else high if len(beside) == 1 else width * 0.34 - Space.S
        large = width - small - Space.S if beside else width
        row: list[ft.Control] = [Picture(ui, shown, width=large, height=height, radius=Radius.CARD)]
        if beside:
            column = [_tile(ui, name, pictures[name], False, on_picture, small, high) for name in beside]
            row.append(ft.Column(column, spacing=Space.S, tight=True))
        return ft.Row(row, spacing=Space.S)
    if not others:
        return Picture(ui, shown, width=width, height=height, radius=Radius.CARD)
    strip = [
        _tile(ui, name, words, name == shown, on_picture, THUMB, THUMB) for name, words in pictures.items()
    ]
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
    name: str,
    words: str,
    selected: bool,
    on_picture: Callable[[str], None],
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
        on_click=ui.on(partial(on_picture, name)),
    )
    return Named(
        f"picture-{name.rpartition('/')[2]}",
        ft.Stack(
            [Picture(ui, name, width=width, height=height, radius=Radius.CONTROL), ring],
            width=width,
            height=height,
        ),
        label=ui.t("Show {name}", name=words),
        button=True,
        selected=selected,
    )
