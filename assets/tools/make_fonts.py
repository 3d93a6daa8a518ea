"""Make the bundled fonts: Manrope with tabular digits, and Noto Sans Arabic as its fallback.

Sources: the Debian packages fonts-manrope and fonts-noto-core, both under the SIL Open Font License 1.1.
The same sources give the same bytes. Run: ``python -m assets.tools.make_fonts [MANROPE_FOLDER NOTO_FOLDER]``.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

OUT = Path(__file__).resolve().parents[1] / "fonts"
MANROPE = Path("/usr/share/fonts/truetype/manrope")
NOTO = Path("/usr/share/fonts/truetype/noto")
LATIN = {"Medium": "aisle-medium", "Bold": "aisle-bold", "ExtraBold": "aisle-extrabold"}
ARABIC = {"Regular": "arabic-regular", "Bold": "arabic-bold"}


def with_tabular_digits(source: Path, target: Path) -> None:
    """Write ``source`` to ``target`` with digits that are all equally wide.

    Flet cannot switch on OpenType features, so what the feature ``tnum`` would swap in becomes the default.
    The family is renamed, so that a modified font is never taken for the original.
    """
    font = TTFont(source, recalcTimestamp=False)
    substitutions = font["GSUB"].table
    swap: dict[str, str] = {}
    for record in substitutions.FeatureList.FeatureRecord:
        if record.FeatureTag == "tnum":
            for index in record.Feature.LookupListIndex:
                for table in substitutions.LookupList.Lookup[index].SubTable:
                    swap |= getattr(table, "ExtSubTable", table).mapping
    if not swap:
        raise LookupError(f"{source} has no tabular digits")
    for table in font["cmap"].tables:
        table.cmap = {code: swap.get(glyph, glyph) for code, glyph in table.cmap.items()}
    # 0 is the copyright notice and 8..14 are makers and licence: they stay as they are.
    for entry in font["name"].names:
        if entry.nameID in {1, 3, 4, 6, 16}:
            entry.string = str(entry.toUnicode()).replace("Manrope", "Aisle")
    font.save(target)


def main() -> None:
    """Write all five fonts to ``assets/fonts``."""
    manrope, noto = (Path(sys.argv[1]), Path(sys.argv[2])) if len(sys.argv) == 3 else (MANROPE, NOTO)
    OUT.mkdir(parents=True, exist_ok=True)
    for weight, name in LATIN.items():
        with_tabular_digits(manrope / f"Manrope-{weight}.ttf", OUT / f"{name}.ttf")
    for weight, name in ARABIC.items():
        shutil.copyfile(noto / f"NotoSansArabic-{weight}.ttf", OUT / f"{name}.ttf")


if __name__ == "__main__":
    main()
