"""What a passer-by sees: one promise, two ways in. The pictures are this store's own catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from typing import Literal

import flet as ft

from kiosk.components.buttons import IconAction, Solid
from kiosk.components.pictures import picture_url
from kiosk.components.product_card import cover
from kiosk.components.touch import Named
from kiosk.device import Device
from kiosk.guard import component
from kiosk.hooks import use_news, use_screen_state
from kiosk.session import Session
from kiosk.strings import LANGUAGES
from kiosk.theme import Attraction, Radius, Size, Space
from kiosk.ui import T, Ui
from sync.catalogue import Filters

TILES = 12
MOST_KINDS = 6  # categories that are mixed
SENTENCE = "Scan the tag or search. We send it to your door from our partners."


@dataclass(eq=False)
class AttractState(ft.Observable):
    """The pictures to show. ``empty``: the catalogue has none yet; the screen then stands without them."""

    device: Device
    phase: Literal["ready", "empty"] = "empty"
    pictures: tuple[str, ...] = ()

    @classmethod
    def of(cls, device: Device) -> AttractState:
        """With what the catalogue holds now."""
        state = cls(device)
        state.load()
        return state

    def load(self) -> None:
        """Take pictures of every category in turn; instant, from this device's own catalogue."""
        page = self.device.search(limit=TILES)
        kinds = sorted(page.categories, key=lambda name: -page.categories[name])[:MOST_KINDS]
        each = -(-TILES // len(kinds)) if kinds else TILES
        rows = [self.device.search(filters=Filters(category=kind), limit=each).listings for kind in kinds]
        mixed = [one for turn in zip_longest(*rows) for one in turn if one is not None]
        # Where there are few of some category, or nobody knows the categories, the first ones take their places.
        shown = {listing.product.id: listing for listing in (*mixed, *page.listings)}
        self.pictures = tuple(name for listing in shown.values() if (name := cover(listing)))[:TILES]
        self.phase = "ready" if self.pictures else "empty"

    def heard(self, topic: str) -> None:
        """Look again when the catalogue has come; pictures that are shown stay, because nothing moves by itself here."""
        if topic == "catalogue" and self.phase == "empty":
            self.load()


@component
def AttractScreen(ui: Ui, session: Session) -> ft.Control:
    """The idle screen in its three forms."""
    state = use_screen_state(lambda: AttractState.of(session.device))
    use_news(session, state.heard)
    sky = ft.LinearGradient(
        [Attraction.DEEP, Attraction.MID], begin=ft.Alignment.BOTTOM_LEFT, end=ft.Alignment.TOP_RIGHT
    )
    draw = _portrait if ui.portrait else _landscape
    return ft.Container(draw(ui, session, state), gradient=sky, expand=True)


def _portrait(ui: Ui, session: Session, state: AttractState) -> ft.Control:
    top = ui.height * (0.46 if ui.tall else 0.40)
    tile = int((ui.width + 60) / 3)
    below = ft.Column(
        [
            _promise(ui),
            T(ui, ui.t(SENTENCE), "title", Attraction.SOFT),
            ft.Container(expand=True),
            ft.Row([_scan(ui)]),
            ft.Row([_find(ui)]),
            ft.Row([_order(ui)], alignment=ft.MainAxisAlignment.CENTER),
            _languages(ui, session),
        ],
        spacing=Space.M + Space.XXS,
    )
    return ft.Column(
        [
            ft.Container(_collage(state, 3, tile, ui.width, top), height=top),
            ft.Container(below, padding=ft.Padding.symmetric(horizontal=48, vertical=40), expand=True),
        ],
        spacing=0,
    )


def _landscape(ui: Ui, session: Session, state: AttractState) -> ft.Control:
    wide = ui.width * 0.44
    left = ft.Container(
        ft.Column(
            [
                T(ui, "Endless aisle", "heading", Attraction.SOFT),
                ft.Container(expand=True),
                _promise(ui),
                ft.Container(T(ui, ui.t(SENTENCE), "title", Attraction.SOFT), width=520),
                ft.Container(height=Space.XS),
                ft.Row([_scan(ui), _find(ui)], spacing=Space.M),
                _order(ui),
                ft.Container(expand=True),
                _languages(ui, session),
            ],
            spacing=Space.M,
        ),
        padding=ft.Padding.symmetric(horizontal=56, vertical=36),
        expand=True,
    )
    if state.phase == "empty":
        return ft.Row([left], spacing=0)
    tile = int((wide - Space.M) / 2)
    return ft.Row([left, _collage(state, 2, tile, wide, ui.height)], spacing=0)


def _collage(state: AttractState, columns: int, tile: int, width: float, height: float) -> ft.Control:
    """Columns of pictures, each pushed up by a different amount, cut off by the edges."""
    stacks: list[ft.Control] = []
    for number in range(columns):
        tiles: list[ft.Control] = [
            ft.Container(
                ft.Image(
                    picture_url(name),
                    width=tile,
                    height=tile,
                    fit=ft.BoxFit.COVER,
                    exclude_from_semantics=True,
                    gapless_playback=True,
                    error_content=ft.Container(bgcolor=Attraction.MID),
                ),
                border_radius=Radius.SHEET,
                clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
                width=tile,
                height=tile,
            )
            for name in state.pictures[number::columns]
        ]
        stacks.append(
            ft.Container(
                ft.Column(tiles, spacing=Space.M),
                left=number * (tile + Space.M),
                top=-tile * (0.42, 0.08, 0.62)[number % 3],
            )
        )
    return ft.Stack(stacks, width=width, height=height, clip_behavior=ft.ClipBehavior.HARD_EDGE)


def _promise(ui: Ui) -> ft.Control:
    role = "billboard" if ui.tall else "hero"
    return ft.Column(
        [
            T(ui, ui.t("Not on the shelf?"), role, Attraction.PAPER),
            T(ui, ui.t("We have it."), role, Attraction.WARM),
        ],
        spacing=0,
        tight=True,
    )


def _scan(ui: Ui) -> ft.Control:
    return Solid(
        ui,
        ui.t("Scan a tag"),
        "scan",
        ui.to("/scan"),
        ink=Attraction.ON_CORAL,
        ground=Attraction.CORAL,
        icon=ft.Icons.QR_CODE_SCANNER,
        role="title",
        height=Size.HERO,
        expand=True,
    )


def _find(ui: Ui) -> ft.Control:
    return Solid(
        ui,
        ui.t("Search products"),
        "search",
        ui.to("/search"),
        ink=Attraction.DEEP,
        ground=Attraction.PAPER,
        icon=ft.Icons.SEARCH,
        role="title",
        height=Size.HERO,
        expand=True,
    )


def _order(ui: Ui) -> ft.Control:
    words = ft.Row(
        [
            ft.Icon(ft.Icons.LOCAL_SHIPPING_OUTLINED, color=Attraction.PAPER, size=Size.ICON),
            T(ui, ui.t("Find my order"), "strong", Attraction.PAPER),
        ],
        spacing=Space.S,
        tight=True,
    )
    return Named(
        "find-order", ft.TextButton(content=words, height=Size.BUTTON, on_click=ui.on(ui.to("/orders")))
    )


def _languages(ui: Ui, session: Session) -> ft.Control:
    chips: list[ft.Control] = []
    for code, name in LANGUAGES.items():
        on = ui.language == code
        chips.append(
            Named(
                f"language-{code}",
                ft.Container(
                    ft.Row([T(ui, name, "label", Attraction.DEEP if on else Attraction.PAPER)], tight=True),
                    height=Size.TOUCH,
                    padding=ft.Padding.symmetric(horizontal=20),
                    border_radius=Size.TOUCH / 2,
                    bgcolor=Attraction.PAPER if on else None,
                    border=ft.Border.all(1.5, Attraction.PAPER if on else Attraction.EDGE),
                    ink=True,
                    on_click=ui.on(partial(session.speak, code)),
                ),
                button=True,
                selected=on,
            )
        )
    staff = IconAction(
        ui,
        ft.Icons.BADGE_OUTLINED,
        ui.t("Staff"),
        "staff",
        ui.to("/staff"),
        ground=ft.Colors.TRANSPARENT,
        color=Attraction.FAINT,
        radius=Size.CONTROL / 2,
    )
    row = ft.Row(chips, spacing=Space.S, wrap=True, run_spacing=Space.XS)
    return ft.Row([ft.Container(row, expand=True), staff])
