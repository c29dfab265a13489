"""Who holds which lots: the ledger, what lies there first, what expires, what is fired at once."""
