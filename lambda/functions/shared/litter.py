"""What tools and desktops leave beside people's files: nobody means it to be read."""

import re

# Of the last part of a name: what Hadoop, Spark and Databricks write beside their parts, what desktops keep, and files that are not whole.
_LITTER = re.compile(
    r"""
    \.[^/]*                                     # .DS_Store, ._a.png, .gitkeep, ._SUCCESS.crc
    | _(SUCCESS|FAILURE|temporary|metadata|common_metadata|delta_log)
    | _(started|committed)_.*
    | .*_\$folder\$
    | Thumbs\.db | ehthumbs\.db | desktop\.ini | Icon\r
    | .*:Zone\.Identifier                          # of Windows, on what was downloaded
    | ~\$.* | .*~ | \#.*\#
    | .*\.(tmp|temp|part|partial|crdownload|download|swp|lock)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LITTER_FOLDERS = re.compile(r"(^|/)(__MACOSX|\.(?!\./)[^/]+|_temporary|_delta_log|@eaDir|\$RECYCLE\.BIN)/", re.IGNORECASE)


def is_litter(name: str) -> bool:
    """Return whether a file is there because of a tool, not because somebody means it.

    Args:    name: with its folders, parted by slashes; a zip of Windows may have them the other way round.
    """
    name = name.replace("\\", "/")
    return bool(_LITTER.fullmatch(name.rpartition("/")[2]) or _LITTER_FOLDERS.search(name))
