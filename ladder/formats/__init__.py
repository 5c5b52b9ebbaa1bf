"""How dates and times are written, by language; ISO days are understood in each."""
