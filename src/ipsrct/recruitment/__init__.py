"""How fast participants come, from which counties, and whether the services have places for them."""
