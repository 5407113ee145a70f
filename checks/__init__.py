"""What a correct bill is, how a wrong one is recognised, and what follows for a rating: pure computation over tables."""
