"""Every visual decision in one place: colours, type, spacing, radius, elevation, motion."""

from __future__ import annotations

from dataclasses import dataclass

import flet as ft

FONTS = {
    "Aisle": "fonts/aisle-medium.ttf",
    "Aisle Bold": "fonts/aisle-bold.ttf",
    "Aisle ExtraBold": "fonts/aisle-extrabold.ttf",
    "Aisle Arabic": "fonts/arabic-regular.ttf",
    "Aisle Arabic Bold": "fonts/arabic-bold.ttf",
}


class Space:
    """The 4/8 grid, in logical pixels. Use these names, never a bare number."""

    XXS, XS, S, M, L, XL, XXL = 4, 8, 12, 16, 24, 32, 48


class Radius:
    """Corner radii, in logical pixels."""

    BADGE, CONTROL, CARD, SHEET = 8, 14, 20, 28


class Size:
    """Heights of what is touched. TOUCH is the floor, BUTTON the default, HERO for the idle screen's actions."""

    TOUCH, CONTROL, FIELD, BUTTON, MAIN, KEY, HERO = 52, 56, 60, 64, 68, 72, 88
    ICON, ICON_L = 26, 32
    BAR = 76
    READING = 1200  # widest content column


class Motion:
    """The only two movements there are: something changed, something opened."""

    QUICK = ft.Animation(120, ft.AnimationCurve.EASE_OUT)
    CALM = ft.Animation(220, ft.AnimationCurve.EASE_OUT_CUBIC)


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme. Every pair that is used together passes the contrast test."""

    bg: str
    surface: str
    fill: str  # quiet filled areas, skeletons, disabled
    line: str  # hairlines between things
    border: str  # borders that carry meaning: 3:1 against surface
    ink: str
    ink2: str  # secondary text, still AA
    primary: str
    on_primary: str
    soft: str  # selected, tinted
    on_soft: str
    accent: str
    on_accent: str
    good: str
    good_bg: str
    warn: str
    warn_bg: str
    bad: str
    bad_bg: str
    info: str
    info_bg: str
    scrim: str
    shadow: str

    def tone(self, name: str) -> tuple[str, str]:
        """Ink and ground of a tone: ``good``, ``warn``, ``bad``, ``info`` or ``quiet``.

        Raises KeyError for any other name.
        """
        return {
            "good": (self.good, self.good_bg),
            "warn": (self.warn, self.warn_bg),
            "bad": (self.bad, self.bad_bg),
            "info": (self.info, self.info_bg),
            "quiet": (self.ink2, self.fill),
        }[name]


LIGHT = Palette(
    bg="#F3F5F2",
    surface="#FFFFFF",
    fill="#EBEEEA",
    line="#DCE1DB",
    border="#7C8881",
    ink="#12201B",
    ink2="#4A5751",
    primary="#0F5B4C",
    on_primary="#FFFFFF",
    soft="#DCEEE7",
    on_soft="#0A4237",
    accent="#FF9466",
    on_accent="#2B0F04",
    good="#17663D",
    good_bg="#DDF2E4",
    warn="#7A4A00",
    warn_bg="#FFEFCF",
    bad="#A3231C",
    bad_bg="#FDE6E3",
    info="#1D4C88",
    info_bg="#E1EDFB",
    scrim="#8C0A1512",
    shadow="#1F0B2019",
)
DARK = Palette(
    bg="#0D1311",
    surface="#17201D",
    fill="#222D29",
    line="#2F3B36",
    border="#7E8D86",
    ink="#EFF4F1",
    ink2="#AEBBB5",
    primary="#7CDCC5",
    on_primary="#00352B",
    soft="#17453B",
    on_soft="#BDF3E4",
    accent="#FFA57F",
    on_accent="#3A1405",
    good="#8FDFB2",
    good_bg="#14351F",
    warn="#F6C76F",
    warn_bg="#3B2B0A",
    bad="#FFB3AB",
    bad_bg="#4B1815",
    info="#ABCDFB",
    info_bg="#172E4E",
    scrim="#B3000000",
    shadow="#66000000",
)


class Attraction:
    """The idle screen's own colours: the same in both themes, because it must be seen from afar."""

    DEEP, MID, PAPER, SOFT = "#07332B", "#0F5B4C", "#F3F8F5", "#BFE0D5"
    WARM, CORAL, ON_CORAL = "#FFB08C", "#FF9466", "#2B0F04"
    EDGE, FAINT = "#5E9A8B", "#7FB5A7"


class Glass:
    """What lies over the camera's picture: the same in both themes, because the picture is."""

    GROUND, SHADE, PILL = "#101815", "#730A1512", "#B30A1512"
    PAPER, INK, BEAM, FOUND = "#F5F8F6", "#12201B", "#FF9466", "#58D68D"


QR_INK, QR_PAPER = "#0A1512", "#FFFFFF"  # cameras need dark on white, in the dark theme too

REGULAR, BOLD, BLACK = "Aisle", "Aisle Bold", "Aisle ExtraBold"
TYPE = {  # role: size, family, line height, letter spacing; 16 is the floor, nothing smaller exists
    "number": (92, BLACK, 1.0, -3.0),
    "billboard": (88, BLACK, 1.02, -2.6),
    "hero": (68, BLACK, 1.04, -1.8),
    "display": (46, BLACK, 1.08, -1.0),
    "headline": (34, BLACK, 1.15, -0.6),
    "title": (25, BOLD, 1.22, -0.3),
    "heading": (20, BOLD, 1.28, -0.1),
    "body": (18, REGULAR, 1.42, 0.0),
    "strong": (18, BOLD, 1.35, 0.0),
    "label": (16, BOLD, 1.3, 0.0),
    "caption": (16, REGULAR, 1.35, 0.0),
    "price_l": (38, BLACK, 1.1, -0.8),
    "price": (22, BLACK, 1.2, -0.3),
    "key": (28, BOLD, 1.1, 0.0),
}


def style(role: str, color: str | None = None, decoration: ft.TextDecoration | None = None) -> ft.TextStyle:
    """The text style of ``role``, with the fallback fonts that keep other scripts from showing as boxes."""
    size, family, height, spacing = TYPE[role]
    arabic = "Aisle Arabic" if family == REGULAR else "Aisle Arabic Bold"
    return ft.TextStyle(
        size=size,
        font_family=family,
        height=height,
        letter_spacing=spacing,
        color=color,
        # One family per weight: a weight on top of it would be drawn as a false bold.
        weight=ft.FontWeight.NORMAL,
        font_family_fallback=[arabic],
        decoration=decoration,
    )


def flet_theme(c: Palette) -> ft.Theme:
    """A Flet theme of ``c``, so that Flet's own widgets follow; our components read the palette directly."""
    return ft.Theme(
        color_scheme=ft.ColorScheme(
            primary=c.primary,
            on_primary=c.on_primary,
            primary_container=c.soft,
            on_primary_container=c.on_soft,
            secondary=c.primary,
            on_secondary=c.on_primary,
            secondary_container=c.soft,
            on_secondary_container=c.on_soft,
            tertiary=c.accent,
            on_tertiary=c.on_accent,
            error=c.bad,
            on_error=c.surface,
            error_container=c.bad_bg,
            on_error_container=c.bad,
            surface=c.surface,
            on_surface=c.ink,
            on_surface_variant=c.ink2,
            outline=c.border,
            outline_variant=c.line,
            surface_container=c.surface,
            surface_container_high=c.surface,
            surface_container_highest=c.fill,
            surface_container_low=c.surface,
            surface_tint=c.surface,
        ),
        font_family=REGULAR,
        scaffold_bgcolor=c.bg,
        visual_density=ft.VisualDensity.STANDARD,
        splash_color=ft.Colors.with_opacity(0.10, c.primary),
        hover_color=ft.Colors.with_opacity(0.04, c.primary),
        highlight_color=ft.Colors.with_opacity(0.06, c.primary),
        focus_color=ft.Colors.with_opacity(0.45, c.accent),
    )


def lift(c: Palette, level: int = 1) -> ft.BoxShadow:
    """Two levels only: 1 for sticky bars and the selected card, 2 for sheets and dialogs."""
    return ft.BoxShadow(
        blur_radius=24 if level == 1 else 56, color=c.shadow, offset=ft.Offset(0, 2 if level == 1 else 16)
    )
