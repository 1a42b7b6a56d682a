"""Container registries: what they say of tags."""
