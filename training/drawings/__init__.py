"""Pictures made by code, with seeds: digits that MNIST has few of, what is no digit, and test pictures as users would send them.

Models are fitted and measured on them. Each is made by a pure function of a random generator (and of what it draws): a drawing is an "L"
image, dark ink on white, and a row of robustness.py or photo_rows.py an encoded picture.
"""
