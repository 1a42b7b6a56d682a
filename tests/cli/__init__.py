"""The contract's sentences as tests: the program is run from outside, on real repositories."""
