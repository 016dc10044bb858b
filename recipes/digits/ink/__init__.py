"""Which pixels of a picture are ink: paper, light, printed lines, frames and specks taken away. Knows no digits."""
