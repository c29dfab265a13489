"""Many runs: of all arms, in blocks, in one process or several."""
