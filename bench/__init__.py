"""What is measured, and how: the mixed load, the clients that drive it, and the figures beside a bare path."""
