"""Who gives what to whom: how donors decide, dated gifts, promises and the trust in them, whose need is met."""
