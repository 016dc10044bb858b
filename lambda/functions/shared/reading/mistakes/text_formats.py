"""Text in the formats of other tools, which is no table of cells: named, with the way to one. Imported only after a refusal."""

import re

from functions.shared.reading.mistakes.mistake import BODY, Mistake
from recipes.errors import InvalidInput, UnsupportedType
from recipes.other_files import find_other_file
from recipes.recipe import Recipe

SNIFFED_BYTES = 1 << 14
_NAME = rb"[A-Za-z_]\w{0,40}"
STROKES = "the strokes of a drawing, as a canvas library keeps them"  # and no row of a table that has such a column
_FORMATS = tuple(
    (re.compile(pattern), name, advice)
    for pattern, name, advice in (
        (
            rb'[\[{][^\0]{0,1000}"(brushColor|brushRadius|penColor|originX|strokeWidth|(drawing|strokes)"\s{0,9}:\s{0,9}\[)',
            STROKES,
            "Send the picture: of a canvas its toDataURL() or toBlob().",
        ),
        (
            rb'\{\s{0,9}"cells"\s{0,9}:\s{0,9}\[\s{0,9}\{\s{0,9}"(cell_type|attachments|execution_count|id|metadata)"',
            "a notebook of Jupyter",
            "Save the picture that it shows and send that.",
        ),
        (
            rb"(?![\[{])[^\0]{1,300}data:image/[\w.+-]{1,40};base64,",
            "a text around a picture in a data: URL",
            "Send what begins with data: alone, or the picture itself.",
        ),
        (
            rb"[+-]?\d[\d.]{0,20}([ \t]+(qid|\d{1,9}):[^\s:]{1,30})+[ \t]*(#[^\n]*)?(\r?\n|\Z)|\d{1,9}:[\d.+-]{1,30}\r?\n\d{1,9}:",
            "a table of libsvm, of pairs index:value",
            "With scikit-learn: numpy.save('x.npy', load_svmlight_file(FILE, n_features={size})[0].toarray()); send x.npy.",
        ),
        (
            rb"--[^\r\n]{1,200}\r?\n(?i:content-(disposition|type):)",
            "a form, as a page or curl -F sends it",
            "Upload the file alone, with no form around it.",
        ),
        (rb"(POST|PUT|GET) \S{1,2000} HTTP/\d|HTTP/\d", "an HTTP message with its headers", "Send what follows its empty line."),
        (
            rb"[A-Za-z_][\w.\[\]%-]{0,40}=[\w.+*%-]{0,4000}(%[0-9A-Fa-f]{2}|&[A-Za-z_][\w.\[\]%-]{0,40}=)",
            "the fields of a form",
            "Send the file itself, or JSON.",
        ),
        (rb"[+-]?[\d.]*[ \t]*\|\w*[ \t]+[^\s|]+:[\d.+-]", "a line of Vowpal Wabbit", "Send the values as CSV: a row a line."),
        (
            rb"(?!Unnamed: \d)(---[^\n]{0,80}\n)?([ \t]*#[^\n]{0,200}\n)*([ \t]*-[ \t]+\S|%b:([ \t]*\r?\n|[ \t]+[\[\d.-]))" % _NAME,
            "YAML",
            "Send it as JSON: json.dumps(yaml.safe_load(text)).",
        ),
        (
            r"shape: \(|# A tibble: |\d{1,9}×\d{1,9} DataFrame|┌|╭|╔|│".encode(),
            "a table as a program prints it for people",
            "Write it as CSV, with a function for it, as to_csv() and write_csv().",
        ),
        (rb"(\[%b\][ \t]*\r?\n)?%b[ \t]*=[ \t]*\S" % (_NAME, _NAME), "a file of settings, as TOML and INI are", "Send JSON."),
        (
            rb"(Return-Path|Received|Delivered-To|Message-ID|MIME-Version|From|To|Subject|Date):[ \t][^\n]{0,1000}\n[A-Za-z-]{2,40}:[ \t]",
            "an e-mail",
            "Send its attachment alone.",
        ),
        (rb"(?!Unnamed: \d)%b[ \t]*(:[ \t]*\S[^\n]{0,80}|\{[^\n]{0,80})\r?\n" % _NAME, "a text of protobuf", "Send JSON."),
        (
            rb"(\w{1,20}\.)?(array|[Tt]ensor|Array)\(|<tf\.Tensor|\[\[?\s{0,9}\d[\d.e+-]*[ \t]+[\d.]|[\[(]+np\.",
            "an array as Python prints it",
            "Send JSON: json.dumps(x.tolist()); or npy, as numpy.save writes it.",
        ),
        (rb"\[+\s{0,9}\(|\(+\s{0,9}[\d.]+\s{0,3},", "a tuple of Python", "Send lists as JSON: json.dumps(…)."),
        (
            rb"(U?Int|Float)\d{1,2}\[\s{0,9}[\d.-]|c\(\s{0,9}[\d.-]|structure\(|new \w{1,40}Array\(|"
            rb"\w[\w ]{0,40}\[\]\s{0,9}=\s{0,9}\{|\{\s{0,9}[\d.]",
            "numbers as a program's code has them",
            "Send JSON or CSV.",
        ),
    )
)


def find_text_format(body: bytes, recipe: Recipe, _: InvalidInput) -> Mistake | None:
    """Return which tool's format a body is that no reader took; None if it is none that is known."""
    if find_other_file(body):
        return None
    head = body[:SNIFFED_BYTES].lstrip()
    for pattern, name, advice in _FORMATS:
        if pattern.match(head) and not (name == STROKES and recipe.features):
            return Mistake(f"{BODY} is {name}", advice.format(size=recipe.instance_size), UnsupportedType)
    return None
