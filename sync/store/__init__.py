"""The device's encrypted store: SQLCipher, WAL, FULL; what COMMIT has acknowledged survives a pulled plug."""
