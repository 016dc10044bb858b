"""What `inferstack new recipe` writes: a recipe from a table or from a folder of pictures, by what it finds in them."""
