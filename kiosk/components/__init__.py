"""Small building blocks. Each takes ``ui`` first, draws finished sentences, holds no business rule and no authority.

``name`` is the stable identity of what can be touched or asserted: its key here, its test id in a browser.
"""
