"""The arithmetic from logged work to a role's competency shape: pure, exact, the same every time.

No rows, no settings, no clock, no floating point. `matching.compare` is the front door, `receipt` writes its answer
down, `planning` says what would change it.
"""
