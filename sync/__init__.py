"""The device's own store, its catalogue and order queue, and the exchange with the OMS."""
