"""How well queries find what they should."""
