"""What /metrics shows. Counts and durations only: no label holds anything of a customer, device or order."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Metrics:
    """The figures of one OMS process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "aisle_requests", "Requests by route and status.", ["route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "aisle_request_seconds", "Time to answer, by route.", ["route"], registry=self.registry
        )
        self.orders = Counter(
            "aisle_orders", "Uploaded orders by what became of them.", ["result"], registry=self.registry
        )
        self.waiting = Gauge("aisle_orders_waiting", "Orders waiting to be stored.", registry=self.registry)
        self.commits = Histogram(
            "aisle_commit_seconds", "Time to store one group of orders.", registry=self.registry
        )
        self.group = Histogram(
            "aisle_commit_orders",
            "Orders in one transaction.",
            buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500),
            registry=self.registry,
        )
