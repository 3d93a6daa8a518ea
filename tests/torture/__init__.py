"""The torture: kill -9, pulled plugs and hostile answers, then three ledgers are compared."""
