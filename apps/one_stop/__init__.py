"""One-stop administrative services for Vietnamese provinces."""

__version__ = "0.1.0"
