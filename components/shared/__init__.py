"""Components and state that several pages share."""
