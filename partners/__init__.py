"""Partners that sell and ship: one folder per protocol behind one contract."""
