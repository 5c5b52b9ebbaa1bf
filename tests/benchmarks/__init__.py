"""How fast the pages answer, as ratios to a plain page on the same machine: `make bench`. No part of the tests."""
