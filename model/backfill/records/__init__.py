"""What is remembered of each month: every outcome, and why there was not more."""
