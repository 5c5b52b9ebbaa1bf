"""How fast pages answer, as ratios to a plain one, and how fast the batch is: `make bench`. No part of the tests."""
