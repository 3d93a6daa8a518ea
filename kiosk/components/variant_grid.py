"""Which size, which colour, which anything: what cannot be had is seen before it is pressed.

One option is a row of cells, two are a grid (the one with colours gives the rows), more are a row each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import flet as ft

from kiosk.components.badges import Stock
from kiosk.components.touch import Named
from kiosk.components.writing import own_way
from kiosk.theme import Motion, Radius, Size, Space
from kiosk.ui import T, Ui
from retail.gtin import Gtin
from retail.offer import Product, Variant

WIDEST = 7  # cells in one row; more go to a second one
SPOKEN: Mapping[Stock, str] = {
    "in": "{name}, available",
    "old": "{name}, available",
    "few": "{name}, few left",
    "none": "{name}, not available",
}


def axes(product: Product) -> dict[str, tuple[str, ...]]:
    """The options of ``product`` with their values, both in display order; options with one value too."""
    found: dict[str, dict[str, None]] = {}
    for variant in product.variants:
        for option, value in variant.options.items():
            found.setdefault(option, {})[value] = None
    return {option: tuple(values) for option, values in found.items()}


def nearest(product: Product, chosen: Mapping[str, str], option: str, value: str) -> Variant | None:
    """The variant with ``value`` for ``option`` that keeps most of what was ``chosen``; None when none has it."""
    fitting = [variant for variant in product.variants if variant.options.get(option) == value]
    return max(
        fitting,
        key=lambda variant: sum(variant.options.get(name) == kept for name, kept in chosen.items()),
        default=None,
    )


def Swatch(ui: Ui, colour: str, size: int = 28) -> ft.Control:
    """A disc of the product's colour."""
    return ft.Container(
        width=size, height=size, border_radius=size / 2, bgcolor=colour, border=ft.Border.all(1, ui.c.border)
    )


def Cell(
    ui: Ui,
    text: str,
    name: str,
    stock: Stock,
    selected: bool,
    on_click: Callable[[], None] | None,
    *,
    spoken: str,
    swatch: str | None = None,
    width: float | None = None,
) -> ft.Control:
    """Four looks: free, selected, few left, none. None is flat, struck through, not pressable and says so aloud."""
    c = ui.c
    none = stock == "none"
    label = T(
        ui,
        own_way(ui, text, together=True),
        "caption" if none else "strong",
        c.on_primary if selected and not none else c.ink2 if none else c.ink,
        decoration=ft.TextDecoration.LINE_THROUGH if none else None,
        semantics_label=ui.t(SPOKEN[stock], name=spoken),
        no_wrap=True,
    )
    inside: ft.Control = label
    if swatch:
        inside = ft.Row([Swatch(ui, swatch, 22), label], spacing=10, tight=True)
    ground = c.fill if none else c.primary if selected else c.surface
    edge = c.primary if selected else c.fill if none else c.border
    layers: list[ft.Control] = [
        ft.Container(inside, alignment=ft.Alignment.CENTER, left=0, right=0, top=0, bottom=0)
    ]
    if stock == "few":
        layers.append(ft.Container(width=9, height=9, border_radius=5, bgcolor=c.accent, right=7, top=7))
    return Named(
        name,
        ft.Container(
            ft.Stack(layers),
            height=Size.TOUCH,
            width=width,
            border_radius=12,
            bgcolor=ground,
            animate=Motion.QUICK,
            border=ft.Border.all(1.5, edge),
            ink=not none,
            on_click=None if none else ui.on(on_click),
        ),
        button=True,
        selected=selected,
        expand=None if width else True,
    )


def VariantGrid(
    ui: Ui,
    product: Product,
    stock: Mapping[Gtin, Stock],
    chosen: Gtin | None,
    on_pick: Callable[[Gtin], None],
) -> ft.Control:
    """Choose a variant; a Gtin missing in ``stock`` cannot be had. Draws nothing for a product of one variant."""
    options = {name: values for name, values in axes(product).items() if len(values) > 1}
    current = next((v.options for v in product.variants if v.gtin == chosen), {})
    if len(options) == 2:
        body = _grid(ui, product, options, stock, chosen, on_pick)
    else:
        body = [_line(ui, product, name, values, stock, current, on_pick) for name, values in options.items()]
    if not body:
        return ft.Container()
    return ft.Column([*body, _legend(ui)], spacing=7, tight=True)


def _grid(
    ui: Ui,
    product: Product,
    options: Mapping[str, Sequence[str]],
    stock: Mapping[Gtin, Stock],
    chosen: Gtin | None,
    on_pick: Callable[[Gtin], None],
) -> list[ft.Control]:
    names = list(options)
    down = next((n for n in names if any(value in product.swatches for value in options[n])), names[0])
    across = next(n for n in names if n != down)
    by = {(v.options.get(down), v.options.get(across)): v.gtin for v in product.variants}
    current = next((v.options.get(down) for v in product.variants if v.gtin == chosen), None)
    rows: list[ft.Control] = []
    for value in options[down]:
        swatch = product.swatches.get(value)
        head: list[ft.Control] = [Swatch(ui, swatch)] if swatch else []
        head.append(
            T(ui, own_way(ui, value, together=True), "strong" if value == current else "body", no_wrap=True)
        )
        cells: list[ft.Control] = []
        for other in options[across]:
            gtin = by.get((value, other))
            cells.append(
                Cell(
                    ui,
                    other,
                    f"variant-{value}-{other}",
                    stock.get(gtin, "none") if gtin else "none",
                    gtin is not None and gtin == chosen,
                    partial(on_pick, gtin) if gtin else None,
                    spoken=f"{value}, {other}",
                )
            )
        lines = -(-len(cells) // WIDEST)
        each = -(-len(cells) // lines)
        # A short last line keeps the width of the cells above it.
        blanks = lines * each - len(cells)
        cells += [ft.Container(expand=True) for _ in range(blanks)]
        body = ft.Column(
            [ft.Row(cells[i : i + each], spacing=Space.XS) for i in range(0, len(cells), each)],
            spacing=Space.XS,
            expand=True,
            tight=True,
        )
        rows.append(ft.Row([ft.Container(ft.Row(head, spacing=10), width=116), body], spacing=Space.XS))
    return rows


def _line(
    ui: Ui,
    product: Product,
    option: str,
    values: Sequence[str],
    stock: Mapping[Gtin, Stock],
    current: Mapping[str, str],
    on_pick: Callable[[Gtin], None],
) -> ft.Control:
    cells: list[ft.Control] = []
    for value in values:
        swatch = product.swatches.get(value)
        # With one option a cell is a variant; with several it can be had if any variant with it can.
        fitting = [stock.get(v.gtin, "none") for v in product.variants if v.options.get(option) == value]
        best: Stock = next((s for s in ("in", "old", "few") if s in fitting), "none")
        cells.append(
            Cell(
                ui,
                value,
                f"variant-{option}-{value}",
                best,
                current.get(option) == value,
                partial(_pick, product, current, option, value, stock, on_pick),
                spoken=value,
                swatch=swatch,
                width=max(92, 40 + 11 * len(value) + (32 if swatch else 0)),
            )
        )
    return ft.Column(
        [T(ui, option, "label", ui.c.ink2), ft.Row(cells, spacing=Space.XS, run_spacing=Space.XS, wrap=True)],
        spacing=Space.XXS,
        tight=True,
    )


def _pick(
    product: Product,
    current: Mapping[str, str],
    option: str,
    value: str,
    stock: Mapping[Gtin, Stock],
    on_pick: Callable[[Gtin], None],
) -> None:
    kept = {name: old for name, old in current.items() if name != option}
    variant = nearest(product, kept, option, value)
    if variant is not None and stock.get(variant.gtin, "none") == "none":
        # What is kept cannot be had with it: take the first that can.
        buyable = (v for v in product.variants if v.options.get(option) == value)
        variant = next((v for v in buyable if stock.get(v.gtin, "none") != "none"), variant)
    if variant is not None:
        on_pick(variant.gtin)


def _legend(ui: Ui) -> ft.Control:
    c = ui.c
    few = ft.Container(width=9, height=9, border_radius=5, bgcolor=c.accent)
    none = ft.Container(
        ft.Container(height=2, width=12, bgcolor=c.ink2),
        width=22,
        height=22,
        border_radius=Radius.BADGE - 2,
        bgcolor=c.fill,
        alignment=ft.Alignment.CENTER,
    )
    return ft.Row(
        [
            ft.Row([few, T(ui, ui.t("Few left"), "caption", c.ink2)], spacing=8, tight=True),
            ft.Row([none, T(ui, ui.t("Not available"), "caption", c.ink2)], spacing=8, tight=True),
        ],
        spacing=Space.L,
    )
