"""A partner that lives in this process: the reference for every other adapter, and what tests buy from."""

from partners.memory.adapter import Booking, MemoryPartner

__all__ = ["Booking", "MemoryPartner"]
