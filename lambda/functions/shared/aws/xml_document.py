"""S3's documents in XML. xml.etree would do, and importing it takes ten times as long as the parser below it."""

from typing import Any
from xml.parsers import expat

Tree = dict[str, list[Any]]  # by an element's name, each of that name in order: its text, or a Tree of what is in it


def parse_xml(text: bytes) -> tuple[str, Tree]:
    """Return the name of a document's root and what is in it.

    Raises:  ValueError: it is not XML.
    """
    held: list[Tree] = [{}]
    texts: list[list[str]] = [[]]

    def begin(_: str, __: dict[str, str]) -> None:
        held.append({})
        texts.append([])

    def end(name: str) -> None:
        inner, said = held.pop(), "".join(texts.pop())
        held[-1].setdefault(name, []).append(inner or said)

    def say(text: str) -> None:
        texts[-1].append(text)

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = say
    try:
        parser.Parse(text.lstrip(), True)
    except expat.ExpatError as error:
        raise ValueError(f"the response is not XML: {error}") from error
    ((name, (root,)),) = held[0].items()
    return name, root if isinstance(root, dict) else {}


def read_text(tree: Tree, name: str, default: str = "") -> str:
    """Return the text of an element; the default where there is none."""
    (found, *_) = tree.get(name, [default])
    return found if isinstance(found, str) else default
