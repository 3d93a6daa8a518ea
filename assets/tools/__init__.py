"""Scripts that made the bundled files; run as ``python -m assets.tools.NAME``. The product never imports them."""
