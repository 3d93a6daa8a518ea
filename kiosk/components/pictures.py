"""Pictures of products: from this machine's own address only, with a quiet stand-in when there is none."""

from __future__ import annotations

from urllib.parse import quote

import flet as ft

from kiosk.theme import Space
from kiosk.ui import Ui


def picture_url(name: str) -> str:
    """Where the kiosk serves the picture ``name`` of a variant or offer."""
    return f"/pictures/{quote(name, safe='')}"


def Picture(
    ui: Ui,
    name: str | None,
    *,
    width: float | None = None,
    height: float | None = None,
    expand: bool | None = None,
    radius: float = 0,
) -> ft.Control:
    """The picture, cut to fill its frame. Never spoken: the name stands beside it."""
    stand_in = ft.Container(
        ft.Icon(ft.Icons.IMAGE_OUTLINED, color=ui.c.border, size=Space.XXL),
        bgcolor=ui.c.fill,
        alignment=ft.Alignment.CENTER,
        width=width,
        height=height,
        expand=expand,
        border_radius=radius,
    )
    if not name:
        return stand_in
    return ft.Container(
        ft.Image(
            picture_url(name),
            fit=ft.BoxFit.COVER,
            width=width if width is not None else 2000,
            height=height,
            exclude_from_semantics=True,
            gapless_playback=True,
            error_content=ft.Container(
                ft.Icon(ft.Icons.IMAGE_OUTLINED, color=ui.c.border, size=Space.XXL),
                bgcolor=ui.c.fill,
                alignment=ft.Alignment.CENTER,
            ),
        ),
        width=width,
        height=height,
        expand=expand,
        border_radius=radius,
        bgcolor=ui.c.fill,
        clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
    )
