"""Near-duplicates: models whose pictures are the same, or nearly so."""
