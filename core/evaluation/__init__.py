"""Measure how well searches find the right models."""
