"""Find a product by words: what the catalogue on this device holds, a page of results at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import flet as ft

from kiosk.components.bars import BottomBar, CartButton, Shell, TopBar
from kiosk.components.buttons import IconAction, Primary
from kiosk.components.fields import TextBox
from kiosk.components.keypad import CLEAR, ENTER, Keyboard, pressed
from kiosk.components.product_card import PAGE
from kiosk.components.touch import Named
from kiosk.guard import Handler, component, keyed
from kiosk.hooks import use_keys, use_news, use_screen_state, use_task
from kiosk.screens.search_filters import ActiveChips, FilterButton, FilterSheet
from kiosk.screens.search_nothing import Nothing
from kiosk.screens.search_results import Body, Chips, Heading, Narrow, Said
from kiosk.screens.search_state import MOST_PAGES, SearchState, Words
from kiosk.screens.search_values import Chosen
from kiosk.session import Session
from kiosk.theme import TYPE, Radius, Size, Space
from kiosk.ui import T, Ui
from sync.catalogue import EVERYTHING, Filters

DEBOUNCE = 0.15  # seconds without a key before the catalogue is asked
LONGEST = 60  # characters typed on our own keys
BESIDE = {"title": 180, "body": 300}  # pixels beside the words in portrait: icon, edges and buttons
LETTER = 0.56  # of the size: how wide a letter is
HINT = "Name, brand or number"


@component
def SearchScreen(ui: Ui, session: Session) -> ft.Control:
    """Field, categories and results; in portrait everything to press is below."""
    state = use_screen_state(lambda: SearchState.of(session.device, session.sought))
    choices = use_screen_state(lambda: state.choices)
    use_task(session, state.count, [])

    def heard(topic: str) -> None:
        if topic == "catalogue":
            state.look_again()
            session.start(state.count())

    use_news(session, heard)
    use_task(session, state.until_loaded, [state.phase == "loading"])

    def ask(pause: float = 0.0) -> None:
        session.start(state.ask(pause))

    def write(text: str) -> None:
        state.write(text)
        ask(DEBOUNCE)

    def press(key: str) -> None:
        if key == ENTER:
            state.typing = False
        else:
            write(pressed(state.words.text, key, longest=LONGEST))

    def typed(key: str) -> None:
        if choices.open:
            if ui.portrait and choices.only:
                choices.press(key)
            elif key == CLEAR and not choices.only:
                choices.close()
        elif ui.portrait and state.typing:
            press(key)

    def narrow(filters: Filters) -> None:
        state.narrow(filters)
        ask()

    def choose(category: str | None) -> None:
        narrow(replace(state.filters, category=category))

    def unfiltered() -> None:
        narrow(EVERYTHING)

    def open_filters() -> None:
        if not choices.open:  # the button keeps a keyboard's focus under the sheet
            state.open_filters()
            session.start(state.count())

    def browse(category: str) -> None:
        state.everything()
        choose(category)

    def more() -> None:
        state.more()
        ask()

    def empty() -> None:
        state.empty()
        ask()

    def only(words: str) -> None:
        state.empty()
        write(words)

    def everything() -> None:
        state.everything()
        ask()

    use_keys(session, typed)
    chosen = Chosen(session.device, state.filters, state.swatches, narrow)
    counted = None if state.phase == "loading" else state.page
    chips = Narrow(
        ui,
        FilterButton(ui, state.filters, open_filters),
        Chips(ui, state.categories, counted, state.filters.category, choose),
        ActiveChips(ui, chosen),
    )
    body = Body(
        ui,
        state.phase,
        state.page,
        most=MOST_PAGES * PAGE,
        partner=state.filters.partner,
        nothing=partial(
            Nothing,
            ui,
            state.answered,
            state.instead,
            state.categories,
            only,
            browse,
            unfiltered,
            everything,
            crowded=not ui.portrait and (ui.offline or state.filters != EVERYTHING),
        ),
        on_more=more,
        on_everything=everything,
    )
    padding = ft.Padding.symmetric(horizontal=ui.gutter)
    said = [ft.Container(line, padding=padding) for line in Said(ui, state.page, state.answered, only)]
    heading = Heading(ui, state.phase, state.page)
    if ui.portrait:
        top = TopBar(ui, actions=[CartButton(ui, session.cart)])
        lines = [ft.Container(height=Space.XXS), ft.Container(heading, padding=padding), *said]
        dock = _keys(ui, state, press) if state.typing else _dock(ui, state, chips)
    else:
        box = _field(ui, state, write, ask, empty)
        scan = Primary(
            ui, ui.t("Scan"), "scan", ui.to("/scan"), icon=ft.Icons.QR_CODE_SCANNER, height=Size.CONTROL
        )
        top = TopBar(ui, back=ui.to("/"), center=box, actions=[scan, CartButton(ui, session.cart)])
        row = ft.Row(
            [
                ft.Container(chips, expand=True),
                ft.Container(heading, height=Size.TOUCH, alignment=ft.Alignment.CENTER),
            ],
            spacing=Space.M,
            vertical_alignment=ft.CrossAxisAlignment.START,
        )
        lines = [
            ft.Container(row, padding=ft.Padding.only(left=ui.gutter, right=ui.gutter, top=Space.M)),
            *said,
        ]
        dock = None
    shell = Shell(ui, top, ft.Column([*lines, body], spacing=Space.S, expand=True), dock)
    busy = state.phase == "busy"
    # What lies under the sheet is not read out while it is open.
    layers = [_layer(ft.Semantics(content=shell, exclude_semantics=choices.open, disabled=choices.open))]
    if choices.open:
        layers.append(_layer(FilterSheet(ui, choices, chosen, state.page, busy)))
    return ft.Stack(layers, expand=True)


def _layer(content: ft.Control) -> ft.Control:
    return ft.Container(content, left=0, right=0, top=0, bottom=0)


def _field(
    ui: Ui, state: SearchState, write: Callable[[str], None], ask: Handler, empty: Handler
) -> ft.Control:
    """A box to type in, and a cross once there is something to take away."""
    box = keyed(f"search-{state.emptied}", TextBox)(
        ui,
        "search-text",
        write,
        on_submit=ask,
        value=state.words.text,
        hint=ui.t(HINT),
        icon=ft.Icons.SEARCH,
        height=Size.CONTROL,
    )
    named = ft.Semantics(
        label=ui.t("Search"),
        textfield=True,
        identifier="search-text",
        key="search-text",
        expand=True,
        content=box,
    )
    return ft.Row([named, ClearWords(ui, state.words, empty)], spacing=0)


@component
def ClearWords(ui: Ui, words: Words, on_clear: Handler) -> ft.Control:
    """The cross beside the field, once there is something to take away."""
    if not words.text:
        return ft.Container()
    cross = IconAction(ui, ft.Icons.CLOSE, ui.t("Clear"), "search-clear", on_clear)
    return ft.Container(cross, margin=ft.Margin.symmetric(horizontal=Space.XS))


def _dock(ui: Ui, state: SearchState, chips: ft.Control) -> ft.Control:
    """Portrait: what looks like a field opens our own keys."""

    def open_keys() -> None:
        state.typing = True

    box = Named(
        "search-open",
        ft.Container(
            WordsShown(ui, state.words, "body"),
            height=Size.BUTTON,
            padding=ft.Padding.symmetric(horizontal=Space.M),
            border_radius=Radius.CONTROL,
            bgcolor=ui.c.surface,
            border=ft.Border.all(1.5, ui.c.border),
            ink=True,
            on_click=ui.on(open_keys),
        ),
        label=ui.t("Search"),
        button=True,
        expand=True,
    )
    scan = Primary(ui, ui.t("Scan"), "scan", ui.to("/scan"), icon=ft.Icons.QR_CODE_SCANNER)
    return BottomBar(ui, [box, scan], back=ui.to("/"), above=chips)


def _keys(ui: Ui, state: SearchState, press: Callable[[str], None]) -> ft.Control:
    """Portrait: what is typed, over our own keys; there is no field behind them."""

    def hide() -> None:
        state.typing = False

    shown = Named(
        "search-words",
        ft.Container(
            WordsShown(ui, state.words, "title", typing=True),
            height=Size.BUTTON,
            padding=ft.Padding.symmetric(horizontal=Space.M),
            border_radius=Radius.CONTROL,
            bgcolor=ui.c.surface,
            border=ft.Border.all(2.5, ui.c.primary),
        ),
        expand=True,
    )
    close = IconAction(
        ui, ft.Icons.KEYBOARD_HIDE_OUTLINED, ui.t("Hide the keys"), "keys-hide", hide, size=Size.BUTTON
    )
    keys = ft.Container(
        Keyboard(ui, press, enter=ui.t("Search")),
        bgcolor=ui.c.fill,
        padding=ft.Padding.symmetric(horizontal=ui.gutter, vertical=Space.M),
    )
    return ft.Column([BottomBar(ui, [shown, close]), keys], spacing=0, tight=True)


@component
def WordsShown(ui: Ui, words: Words, role: str, *, typing: bool = False) -> ft.Control:
    """What is typed on our own keys, or what can be typed. While ``typing``, the caret, and the end of long words."""
    c, text = ui.c, words.text
    most = int((ui.width - 2 * ui.gutter - BESIDE[role]) / (TYPE[role][0] * LETTER))
    if len(text) > most:
        text = f"…{text[1 - most :]}" if typing else f"{text[: most - 1]}…"
    shown = T(ui, text or ui.t(HINT), role, c.ink if text else c.ink2, no_wrap=True)
    line: list[ft.Control] = [shown]
    if typing:
        caret = ft.Container(width=3, height=28, bgcolor=c.primary)
        line = [shown, caret] if text else [caret, shown]
    return ft.Row(
        [ft.Icon(ft.Icons.SEARCH, color=c.ink2, size=28), ft.Row(line, spacing=Space.XXS, tight=True)],
        spacing=10,
        tight=True,
    )
