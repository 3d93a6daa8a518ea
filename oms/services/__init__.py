"""What the OMS does with events: one module per service, never importing another."""
