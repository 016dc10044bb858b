"""Ways in which people write the same instances, for both doors: what is read as meant, and what is refused with its mend."""

from tests.cases import arrays, documents, numbers, tables, values

CASES = {
    f"{kind}: {name}": case
    for kind, cases in {
        "CSV": tables.TABLES,
        "numbers": numbers.NUMBERS,
        "JSON": documents.DOCUMENTS,
        "picture": documents.PICTURES,
        "npy": arrays.ARRAYS,
        "values": values.SCALED,
    }.items()
    for name, case in cases.items()
}
REFUSED = {name: case for room in (tables, numbers, documents, arrays, values) for name, case in room.REFUSED.items()}
