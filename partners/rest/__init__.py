"""Partners that speak JSON over HTTP, described only by their record: endpoints and a declarative mapping."""
