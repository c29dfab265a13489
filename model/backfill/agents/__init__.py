"""Who acts: states, manufacturers, conflicts."""
