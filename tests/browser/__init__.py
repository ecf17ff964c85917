"""The pages as people meet them: a real server, a real catalogue, a real browser."""
