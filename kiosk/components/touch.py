"""What makes a thing touchable or findable by name."""

from __future__ import annotations

import flet as ft


def Named(
    name: str,
    content: ft.Control,
    *,
    label: str | None = None,
    button: bool | None = None,
    selected: bool | None = None,
    live: bool | None = None,
    container: bool = False,
    expand: bool | int | None = None,
) -> ft.Semantics:
    """``content`` under a stable name. ``label`` only where there are no words: otherwise it is read twice."""
    return ft.Semantics(
        key=name,
        identifier=name,
        label=label,
        button=button,
        selected=selected,
        live_region=live,
        container=container,
        expand=expand,
        content=content,
    )
