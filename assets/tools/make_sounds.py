"""Make the two short sounds of the scanner: a code was found, a code was wrong.

Plain sums of sine waves, so the same bytes every time. Run: ``python -m assets.tools.make_sounds``.
"""

from __future__ import annotations

import math
import struct
import wave
from pathlib import Path

OUT = Path(__file__).resolve().parents[1] / "sounds"
RATE = 22_050  # samples per second
ATTACK_SECONDS = 0.004  # a tone that starts at full strength clicks

# (starts at second, lasts seconds, hertz, loudness 0..1, falls off per second)
Note = tuple[float, float, float, float, float]
FOUND: tuple[Note, ...] = ((0.0, 0.11, 1046.5, 0.5, 22.0), (0.075, 0.17, 1568.0, 0.55, 20.0))
WRONG: tuple[Note, ...] = ((0.0, 0.13, 233.1, 0.6, 9.0), (0.15, 0.17, 174.6, 0.65, 9.0))


def samples(notes: tuple[Note, ...]) -> list[int]:
    """The notes mixed to 16-bit samples, each with a quiet octave above it so that small speakers carry it."""
    length = max(start + lasts for start, lasts, *_ in notes)
    out = []
    for n in range(round(length * RATE)):
        now, level = n / RATE, 0.0
        for start, lasts, hertz, loud, fall in notes:
            at = now - start
            if 0 <= at < lasts:
                shape = min(1.0, at / ATTACK_SECONDS) * math.exp(-fall * at) * min(1.0, (lasts - at) / 0.02)
                wobble = math.sin(math.tau * hertz * at) + 0.25 * math.sin(math.tau * 2 * hertz * at)
                level += loud * shape * wobble
        out.append(round(max(-1.0, min(1.0, level * 0.7)) * 32_767))
    return out


def write(notes: tuple[Note, ...], target: Path) -> None:
    """Write ``notes`` to ``target`` as a mono WAV file."""
    data = samples(notes)
    with wave.open(str(target), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(struct.pack(f"<{len(data)}h", *data))


def main() -> None:
    """Write both sounds to ``assets/sounds``."""
    OUT.mkdir(parents=True, exist_ok=True)
    write(FOUND, OUT / "found.wav")
    write(WRONG, OUT / "wrong.wav")


if __name__ == "__main__":
    main()
