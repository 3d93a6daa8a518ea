"""The OMS over HTTP: what devices call, and what says whether it is well."""
