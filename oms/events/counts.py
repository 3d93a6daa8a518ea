"""What the event bus counts, and how Prometheus reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric


@dataclass(slots=True)
class Counts:
    """Since the start of this process; per service where there is a name. ``waiting`` is the broker's own count."""

    published: int = 0
    connects_failed: int = 0
    relay_failed: int = 0
    relay_failing_since: float | None = None  # time.monotonic()
    handled: Counter[str] = field(default_factory=Counter)
    repeated: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    dead: Counter[str] = field(default_factory=Counter)
    lag_seconds: dict[str, float] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)

    def collect(self) -> Iterable[Metric]:
        """For ``CollectorRegistry.register``."""
        yield CounterMetricFamily("aisle_events_published", "Events the broker has stored", self.published)
        yield CounterMetricFamily(
            "aisle_relay_failed", "Batches that could not be published", self.relay_failed
        )
        for name, help_text, counter in (
            ("handled", "Events handled", self.handled),
            ("repeated", "Deliveries of events that were handled before", self.repeated),
            ("failed", "Deliveries that failed and come again", self.failed),
            ("dead", "Events that wait for a person", self.dead),
        ):
            family = CounterMetricFamily(f"aisle_events_{name}", help_text, labels=["service"])
            for service, count in counter.items():
                family.add_metric([service], count)
            yield family
        lag = GaugeMetricFamily(
            "aisle_events_lag_seconds", "Age of the event handled last, when it was", labels=["service"]
        )
        for service, seconds in self.lag_seconds.items():
            lag.add_metric([service], seconds)
        yield lag
        waiting = GaugeMetricFamily(
            "aisle_events_waiting", "Events at the broker not yet handled", labels=["service"]
        )
        for service, count in self.waiting.items():
            waiting.add_metric([service], count)
        yield waiting
