"""The outside world -> records. A loader never draws and never judges."""
