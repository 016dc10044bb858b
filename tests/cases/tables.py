"""Ways to write digits as CSV."""

from recipes.media_types import CSV
from tests.cases.writing import BITS, BITS_MEANT, BOTH, COUNTS, FLAT, LEXICAL, MEANT, NAMES, ROWS, SEVEN, Case, Refused, labelled, table

TABLES: dict[str, Case] = {
    "plain": Case(CSV, ROWS, MEANT),
    "of whole floats": Case(CSV, table(BOTH.reshape(2, 784).astype(float).tolist()), MEANT),
    "of numpy.savetxt": Case(CSV, b"\n".join(b" ".join(b"%.18e" % value for value in row) for row in FLAT), MEANT),
    "with a header of names": Case(CSV, table([NAMES]) + ROWS, MEANT),
    "with a header of names, marked as numpy marks it": Case(CSV, b"# " + table([NAMES]) + ROWS, MEANT),
    "under comments": Case(CSV, b"# MNIST digits\n# written by numpy, 2\n" + ROWS, MEANT),
    "under comments and a header": Case(
        CSV, b"# MNIST digits\n#" + table([["label", *NAMES]]) + table(labelled(7, 1)), MEANT, labels=(7, 1)
    ),
    "of pandas, without the index": Case(CSV, table([COUNTS]) + ROWS, MEANT),
    "of pandas, with the index": Case(CSV, table([["", *COUNTS]]) + table(labelled(0, 1)), MEANT),
    "of pandas, read and written again": Case(CSV, table([["Unnamed: 0", *COUNTS]]) + table(labelled(0, 1)), MEANT),
    "of pandas, with names and the index": Case(CSV, table([["", *NAMES]]) + table(labelled(0, 1)), MEANT),
    "of R's write.table": Case(CSV, table([[f'"V{number}"' for number in range(784)], *labelled('"1"', '"2"')], " "), MEANT),
    "of R, whose header has no name for the row names": Case(CSV, table([NAMES]) + table(labelled("a", "b")), MEANT),
    "with names that are lists": Case(CSV, table([[f'"[{row},{column}]"' for row in range(28) for column in range(28)]]) + ROWS, MEANT),
    "of pandas, with a label beside counted columns": Case(CSV, table([["label", *COUNTS]]) + table(labelled(7, 1)), MEANT, labels=(7, 1)),
    "of pandas, with a label behind counted columns and a name": Case(
        CSV,
        table([["name", *COUNTS, "label"]]) + table([name, *row, label] for name, row, label in zip("ab", FLAT, (7, 1), strict=True)),
        MEANT,
        labels=(7, 1),
    ),
    "with quoted decimal commas and spaces": Case(CSV, table(([f'"{value},0"' for value in row] for row in FLAT), " "), MEANT),
    "with a header that counts in floats": Case(CSV, table([[f"{number}.0" for number in range(784)]]) + ROWS, MEANT),
    "with decimal commas and bars": Case(CSV, table(([f"{value},0" for value in row] for row in FLAT), "|"), MEANT),
    "with spaces before the commas, under names": Case(CSV, table([NAMES, *FLAT], " ,"), MEANT),
    "with decimal commas and spaces": Case(CSV, table(([f"{value},0" for value in row] for row in FLAT), " "), MEANT),
    "with a label": Case(CSV, table([["label", *NAMES]]) + table(labelled(7, 1)), MEANT, labels=(7, 1)),
    "with a label called class, last": Case(
        CSV,
        table([[*NAMES, "class"]]) + table([*row, label] for row, label in zip(FLAT, ("7.0", "one"), strict=True)),
        MEANT,
        labels=(7, "one"),
    ),
    "with a label and an index": Case(
        CSV, table([["", "label", *NAMES]]) + table([index, *row] for index, row in enumerate(labelled(7, 1))), MEANT, labels=(7, 1)
    ),
    "with a label and no header": Case(CSV, table(labelled(7, 1)), MEANT, ("label-column",), (7, 1)),
    "with a label in one row and no header": Case(CSV, table(labelled(7)), MEANT[:1], ("label-column",), (7,)),
    "with a count of the rows, or labels that count, and no header": Case(CSV, table(labelled(0, 1)), MEANT, ("index-column",)),
    "with a label that has a decimal comma": Case(CSV, table([["label", *NAMES], *labelled("7,0", "1,0")], ";"), MEANT, labels=(7, 1)),
    "with quotes, tabs and decimal commas": Case(
        CSV, table([[f'"{name}"' for name in NAMES], *([f'"{value},0"' for value in row] for row in FLAT)], "\t"), MEANT
    ),
    "with decimal commas in quotes": Case(CSV, table([f'"{value},0"' for value in row] for row in FLAT), MEANT),
    "with a label last and no header": Case(
        CSV, table([*row, label] for row, label in zip(FLAT, (7, 0), strict=True)), MEANT, ("label-column",), (7, 0)
    ),
    "with a label and counted columns": Case(CSV, table([range(785)]) + table(labelled(7, 1)), MEANT, ("label-column",), (7, 1)),
    "with an index of more rows than labels and no header": Case(
        CSV, table([index, *FLAT[index % 2]] for index in range(12)), MEANT * 6, ("index-column",)
    ),
    "with another column": Case(CSV, table([["split", *NAMES]]) + table(labelled("train", "test")), MEANT, ("ignored-columns",)),
    "with columns sorted as text": Case(
        CSV, table([[f"pixel{n}" for n in LEXICAL]]) + table([row[n] for n in LEXICAL] for row in FLAT), MEANT, ("ordered-columns",)
    ),
    **{
        f"with columns called {shown}, {order}": Case(
            CSV,
            table([[shown.format(row, column) for row, column in places]])
            + table([each[row, column] for row, column in places] for each in BOTH),
            MEANT,
            notes,
        )
        for shown in ("x{1}y{0}", "X{1}_Y{0}", "col{1}row{0}", "c_{1}_r_{0}")
        for order, places, notes in (
            ("row by row", [(row, column) for row in range(28) for column in range(28)], ()),
            ("column by column", [(row, column) for column in range(28) for row in range(28)], ("ordered-columns",)),
        )
    },
    "with columns called row x column": Case(
        CSV,
        table([["label", *(f"{row}x{column}" for row in range(1, 29) for column in range(1, 29))]]) + table(labelled(7, 1)),
        MEANT,
        labels=(7, 1),
    ),
    "with semicolons": Case(CSV, table(FLAT, ";"), MEANT),
    "with tabs": Case(CSV, table(FLAT, "\t"), MEANT),
    "with tabs and an index": Case(CSV, table([["", *COUNTS]], "\t") + table(labelled(0, 1), "\t"), MEANT),
    "with bars": Case(CSV, table(FLAT, "|"), MEANT),
    "with decimal commas": Case(CSV, table(([f"{value},0" for value in row] for row in FLAT), ";"), MEANT),
    "with a line that names the delimiter": Case(CSV, b"sep=;\r\n" + table(FLAT, ";", "\r\n"), MEANT),
    "with a quoted line that names the delimiter": Case(CSV, b'"sep=;"\n' + table(FLAT, ";"), MEANT),
    **{
        f"of booleans as {yes} and {no}": Case(CSV, table([[yes if bit else no for bit in each.ravel()] for each in BITS]), BITS_MEANT)
        for yes, no in (("True", "False"), ("TRUE", "FALSE"))
    },
    "of booleans under names": Case(CSV, table([NAMES]) + table([[bool(bit) for bit in each.ravel()] for each in BITS]), BITS_MEANT),
    "in quotes": Case(CSV, table([f'"{value}"' for value in row] for row in [NAMES, *FLAT]), MEANT),
    "with spaces": Case(CSV, table([f" {value} " for value in row] for row in FLAT), MEANT),
    "with trailing commas": Case(CSV, table([*row, ""] for row in FLAT), MEANT),
    "with empty columns behind": Case(CSV, table([*row, *[""] * 5] for row in FLAT), MEANT),
    "with trailing commas under a header": Case(CSV, table([*row, ""] for row in [NAMES, *FLAT]), MEANT),
    "with a header without the rows' trailing comma": Case(CSV, table([NAMES]) + table([*row, ""] for row in FLAT), MEANT),
    "with CRLF": Case(CSV, table(FLAT, end="\r\n"), MEANT),
    "with CR": Case(CSV, table([NAMES, *FLAT], end="\r"), MEANT),
    "with empty lines": Case(CSV, b"\n\r\n" + table(FLAT, end="\n\n \n"), MEANT),
    "with lines of commas, as spreadsheets end it": Case(CSV, ROWS + b"," * 783 + b"\n" + b"," * 783 + b"\n", MEANT),
    "with a byte order mark": Case(CSV, b"\xef\xbb\xbf" + table([NAMES]) + ROWS, MEANT),
    "a picture's lines": Case(CSV, table(SEVEN.tolist()), MEANT[:1]),
    "a picture's lines as numpy.savetxt writes them": Case(CSV, table((SEVEN / 255).tolist(), " "), MEANT[:1], ("scaled",)),
    "a picture's lines as pandas writes them": Case(
        CSV, table([["", *range(28)], *([index, *row] for index, row in enumerate(SEVEN.tolist()))]), MEANT[:1]
    ),
    "with a header that counts from 1": Case(CSV, table([range(1, 785)]) + ROWS, MEANT),
    "with names of files in the first column": Case(CSV, table(labelled("a.png", "b.png")), MEANT, ("name-column",)),
    "with words in the last column": Case(CSV, table([*row, "x"] for row in FLAT), MEANT, ("name-column",)),
    "of two files, one after the other": Case(CSV, 2 * (b"\xef\xbb\xbf" + table([NAMES]) + ROWS), 2 * MEANT),
    "with all values in one cell, as of FER2013": Case(
        CSV,
        b"label,pixels,Usage\n"
        + b"".join(b"%d,%b,Test\n" % (label, b" ".join(b"%d" % value for value in row)) for label, row in zip((7, 1), FLAT, strict=True)),
        MEANT,
        ("ignored-columns",),
        (7, 1),
    ),
    "with each line in quotes, under names": Case(CSV, table([[f'"{line}"'] for line in (",".join(NAMES), *ROWS.decode().split())]), MEANT),
    "with each line in quotes": Case(CSV, table([[f'"{line}"'] for line in ROWS.decode().split()]), MEANT),
    "with a list in each line's only cell": Case(CSV, table([[f'"{row}"'] for row in FLAT]), MEANT),
    "with a list in a cell, as pandas writes one": Case(
        CSV, b"".join([b",image,label\n", *(b'%d,"%b",7\n' % (at, str(row).encode()) for at, row in enumerate(FLAT))]), MEANT, labels=(7, 7)
    ),
    "in UTF-16": Case(CSV, (table([NAMES]) + ROWS).decode().encode("utf-16"), MEANT),
    "in UTF-16 of the other order": Case(CSV, b"\xfe\xff" + ROWS.decode().encode("utf-16-be"), MEANT),
    "in UTF-16 without a mark": Case(CSV, table(FLAT, "\t").decode().encode("utf-16-le"), MEANT),
}
REFUSED = {
    "decimal commas between commas": Refused(CSV, table([["0,5"] * 400 + ["300"] * 384]), "wrong-shape", "1,184 values; expected 784", ""),
    "all values in a cell beside a name, without a header": Refused(
        CSV, table([[name, f'"{row}"'] for name, row in zip("ab", FLAT, strict=True)]), "wrong-shape", "begins with 'a'", "label or id"
    ),
    **{
        f"{what} in one row" if rows == 1 else f"{what} in rows": Refused(
            CSV, table([list(map(write, row)) for row in FLAT[:rows]]), "not-a-number", f"line 1, value 1 is {write(0)!r}", "plain numbers"
        )
        for what, write in (("shares of a hundred", lambda value: f"{value / 2.55:.1f}%"), ("hexadecimal numbers", hex))
        for rows in (1, 2)
    },
    "a header alone": Refused(CSV, table([NAMES]), "wrong-shape", "the only line is a header", "below it"),
    "nothing known in the first row": Refused(
        CSV, table([["NA"] * 784]) + ROWS, "not-a-number", "line 1, value 1 is 'NA'", "leave the row out"
    ),
    "an average of the rows": Refused(
        CSV,
        table([["label", *NAMES]]) + table(labelled(7, "Average")),
        "wrong-shape",
        "line 3 sums others up: it has the cell 'Average'",
        "out",
    ),
    "a total beside a column that is left out": Refused(
        CSV, table([["split", *NAMES]]) + table(labelled("test", "Summe")), "wrong-shape", "the cell 'Summe'", "out"
    ),
    "a label without a name": Refused(
        CSV, table([NAMES]) + table(labelled(7, 1)), "wrong-shape", "784 names, and the lines below have 785 cells", "Name each column"
    ),
    "a value too few": Refused(
        CSV, table(row[:-1] for row in FLAT), "wrong-shape", "line 1 has 783 values; expected 784", "one is missing"
    ),
    "two values more": Refused(CSV, table([0, *row, 7] for row in FLAT), "wrong-shape", "786 values; expected 784", "in a header line"),
    "a table that stands on its side": Refused(CSV, table(BOTH.reshape(2, 784).T), "wrong-shape", "has 2 values", "x.T"),
    "pictures line by line": Refused(CSV, table(BOTH.reshape(56, 28)), "wrong-shape", "has 28 values", "x.reshape(-1, 784)"),
    "another delimiter": Refused(CSV, table(FLAT, ":"), "wrong-shape", "1 name", "colons"),
    "another delimiter further down": Refused(CSV, table(FLAT) + table(FLAT, ";"), "wrong-shape", "line 3 has 1 value", "semicolons"),
    "a title above the header": Refused(CSV, b"My digits\n" + table([NAMES]) + ROWS, "wrong-shape", "1 name", "above the header"),
    "a label of 0 in one row": Refused(CSV, table(labelled(0)), "wrong-shape", "785 values; expected 784", "name the columns in a header"),
    "785 columns that are no labels": Refused(CSV, table(labelled(12, 13)), "wrong-shape", "785 values; expected 784", "header"),
    "columns column by column": Refused(
        CSV, table([[f"{row}x{column}" for column in range(28) for row in range(28)]]) + ROWS, "wrong-shape", "not certain", "row by row"
    ),
    "UTF-32": Refused(CSV, ROWS.decode().encode("utf-32"), "unsupported-type", "the text is UTF-32", "UTF-8"),
}
