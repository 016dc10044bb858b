"""Sheets with something printed on them: squared paper, combs, boxes, words."""

from PIL import ImageFont

from benchmarks.digits.sheet import Sheet


def grid(sheet: Sheet) -> None:
    """Squared paper."""
    random = sheet.random
    every, width, level = int(random.integers(24, 60)), int(random.integers(1, 3)), int(random.integers(90, 200))
    _draw_grid(sheet, every, width, level)
    for line in range(2):
        sheet.write_line(int(random.integers(4, 8)), 50, 50 + 150 * line, 75, lambda: random.uniform(0.25, 0.5), line=line + 1)


def grid_cells(sheet: Sheet) -> None:
    """Squared paper of dark lines with a digit in every other square."""
    random = sheet.random
    every = int(random.integers(48, 72))
    _draw_grid(sheet, every, int(random.integers(1, 3)), int(random.integers(150, 256)))
    for line in range(2):
        for column in range(int(random.integers(5, 9))):
            label, ink = sheet.render(0.75 * every)
            left, top = every * (column + 1), every * (2 * line + 1)
            sheet.put(label, ink, left + (every - ink.width) / 2, top + (every - ink.height) / 2, line=line + 1)


def _draw_grid(sheet: Sheet, every: int, width: int, level: int) -> None:
    for x in range(every, sheet.width, every):
        sheet.pen.line((x, 0, x, sheet.height), fill=level, width=width)
    for y in range(every, sheet.height, every):
        sheet.pen.line((0, y, sheet.width, y), fill=level, width=width)


def comb(sheet: Sheet) -> None:
    """A form's comb: a base line with ticks between the digits."""
    random = sheet.random
    pitch, width = int(random.integers(60, 90)), int(random.integers(2, 4))
    level = int(random.integers(140, 256))
    for line in range(2):
        count = int(random.integers(5, 9))
        left, base, tick = 60, 150 + 160 * line, round(pitch * random.uniform(0.3, 1.2))
        sheet.pen.line((left, base, left + count * pitch, base), fill=level, width=width)
        for column in range(count + 1):
            sheet.pen.line((left + column * pitch, base - tick, left + column * pitch, base), fill=level, width=width)
        for column in range(count):
            label, ink = sheet.render(0.75 * pitch)
            x = left + column * pitch + (pitch - ink.width) / 2 + random.uniform(-3, 3)
            sheet.put(label, ink, x, base - 0.1 * pitch - ink.height, line=line + 1)


def boxes(sheet: Sheet) -> None:
    """A printed box around each digit, apart or joined."""
    random = sheet.random
    side, width = int(random.integers(70, 100)), int(random.integers(1, 5))
    apart, level = int(random.choice([0, 12, 30])), int(random.integers(120, 256))
    for line in range(2):
        for column in range(int(random.integers(4, 7))):
            left, top = 50 + column * (side + apart), 40 + 170 * line
            sheet.pen.rectangle((left, top, left + side, top + side), outline=level, width=width)
            label, ink = sheet.render(0.65 * side)
            x, y = left + (side - ink.width) / 2 + random.uniform(-5, 5), top + (side - ink.height) / 2 + random.uniform(-5, 5)
            sheet.put(label, ink, x, y, line=line + 1)


def words(sheet: Sheet) -> None:
    """Printed words beside the digits, as on a form."""
    random = sheet.random
    for line in range(3):
        y = 50 + 130 * line
        font = ImageFont.load_default(int(random.integers(22, 34)))
        word = str(random.choice(["Telephone", "Amount due", "Postal code", "Date of birth", "Customer number", "Total"]))
        sheet.pen.text((30, y + 25), word, fill=255, font=font)
        x = 30 + sheet.pen.textlength(word, font=font) + 40
        sheet.write_line(int(random.integers(3, 6)), x, y, 70, lambda: random.uniform(0.2, 0.4), line=line + 1)
