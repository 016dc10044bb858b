"""A mask as one integer, a bit a pixel: what is done to it is done to all pixels at once, ten times as fast as on bytes."""

from dataclasses import dataclass, replace

from PIL import Image


@dataclass(frozen=True, slots=True)
class Bits:
    """A mask's pixels, row by row, the highest bit first.

    Args:    width, height: in pixels.
             stride: bits from a row to the next: behind each row are so many zeros that what is spread does not reach the next row.
             inside: a bit for each pixel, none for those zeros.
    """

    value: int
    width: int
    height: int
    stride: int
    inside: int

    @classmethod
    def from_mask(cls, mask: Image.Image, across: int = 0) -> "Bits":
        """Return a mask of 0 and 255.

        Args:    across: how far it will be spread to the sides at a time.
        """
        width, height = mask.size
        stride = (width + across + 7) // 8 * 8
        packed = mask.crop((0, 0, stride, height)).convert("1", dither=Image.Dither.NONE).tobytes()
        row = (1 << width) - 1 << stride - width
        inside = int.from_bytes(row.to_bytes(stride // 8, "big") * height, "big")
        return cls(int.from_bytes(packed, "big"), width, height, stride, inside)

    def to_mask(self) -> Image.Image:
        """Return it as an "L" image of 0 and 255."""
        packed = self.value.to_bytes(self.stride * self.height // 8, "big")
        mask = Image.frombytes("1", (self.stride, self.height), packed).convert("L")
        return mask if self.width == self.stride else mask.crop((0, 0, self.width, self.height))

    def __and__(self, other: "Bits") -> "Bits":
        """Return what both have."""
        return replace(self, value=self.value & other.value)

    def subtract(self, other: "Bits") -> "Bits":
        """Return what the other has not."""
        return replace(self, value=self.value & ~other.value)

    def spread(self, across: int, down: int) -> "Bits":
        """Return every pixel within so many of one to either side and up and down: in a time logarithmic in them."""
        value = self.value
        for unit, radius in ((1, across), (self.stride, down)):
            reach = 0
            while reach < radius:
                step = min(radius - reach, reach + 1)
                value |= value << step * unit | value >> step * unit
                reach += step
            value &= self.inside
        return replace(self, value=value)

    def shrink(self, across: int, down: int) -> "Bits":
        """Return the pixels about which all within so many are there; what is beyond the border counts as there."""
        return self._invert().spread(across, down)._invert()

    def _invert(self) -> "Bits":
        return replace(self, value=self.value ^ self.inside)
