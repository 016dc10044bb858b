"""What an answer says of a picture of several frames or pages, of which one is read."""

from functions.shared.reading.notes import Note


def list_frame_notes(count: int) -> tuple[Note, ...]:
    """Return a note if a picture that was read has more than one frame or page, else nothing."""
    if count == 1:
        return ()
    detail = f"the picture has {count:,} frames or pages, of which the first that is not blank was read"
    return (Note("one-of-several-pages", detail, "Send each other page as a picture of its own."),)
