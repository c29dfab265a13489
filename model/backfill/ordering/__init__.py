"""Who orders what from whom, who comes first, and who pays."""
