"""The words of the trade: money, codes, addresses, offers, orders, status, events, errors. No I/O."""
