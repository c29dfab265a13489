"""How goods pass from one state to another: the law, consents, cases, contracts, hand-over, transit."""
