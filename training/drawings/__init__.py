"""Pictures drawn by code, with seeds: digits that MNIST has few of, and what is no digit. Models are fitted and measured on them.

Each drawing is a pure function of a random generator (and of what it draws) to an "L" image, dark ink on white, as a user would send it.
"""
