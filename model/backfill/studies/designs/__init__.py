"""Designs as they are written, and points that live side by side."""
