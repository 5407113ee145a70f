"""Pages of mapping profiles."""
