"""Which ink is which digit, what stands between two, and in what order they are read: by the geometry of their parts."""
