"""How the OMS's services meet: an outbox, a relay to NATS JetStream, durable consumers with an inbox."""
