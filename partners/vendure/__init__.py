"""Vendure shops, by their GraphQL shop and admin APIs; signs in as an administrator or with an API key."""
