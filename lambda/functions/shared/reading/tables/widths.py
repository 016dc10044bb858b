"""What mends a line of a table that has another number of cells than expected, where its count or its text tells."""

from recipes.recipe import Recipe

MARKS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", ":": "colons", " ": "spaces"}


def advise_mark(line: str, delimiter: str, recipe: Recipe) -> str:
    """Return what mends a line of one instance that is written with another delimiter; nothing if it is not."""
    size = recipe.instance_size
    found = [name for mark, name in MARKS.items() if size > 2 and mark != delimiter and 0 <= line.count(mark) + 1 - size <= 2]
    return f"Its values are parted by {found[0]}: part those of all lines alike, best with commas." if found else ""


def advise_width(count: int, recipe: Recipe) -> str:
    """Return what mends a line of so many values, without a header; nothing if that is not clear."""
    size = recipe.instance_size
    if count == size - 1:
        return f"Write all {size:,} values: one is missing."
    if size < count <= size + 2:
        return "Leave out what is no value, or name the columns in a header line: a label as label, what counts the rows as id."
    if size > 2 and count > size and not (count - 1) % (size - 1):
        rows = (count - 1) // (size - 1)
        return f"It may be {rows:,} rows whose line breaks were lost: curl's -d takes them out; use --data-binary @FILE."
    if not recipe.takes_pictures or count > size:
        return f"Write an instance a line, of {', '.join(column.name for column in recipe.features)} alone." if recipe.features else ""
    if count == recipe.instance_shape[-1]:
        return f"Write each picture on a line of its own: x.reshape(-1, {size})."
    return "Write an instance a line. If each column is one, turn the table: x.T. Send pictures of another size as PNG."
