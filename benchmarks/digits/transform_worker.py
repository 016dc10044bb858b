"""For `benchmarks.digits.transform`: runs any checkout's transform is on the path over the kind that each line of standard input names."""

import sys
import time
from pathlib import Path

from recipes.digits.transform import to_digit

ROUND_S = 0.2
MAX_PIXELS = 13_000_000

for line in sys.stdin:
    pictures = [path.read_bytes() for path in sorted((Path(sys.argv[1]) / line.strip()).iterdir())]
    count, began_s = 0, time.process_time()
    while (used_s := time.process_time() - began_s) < ROUND_S:
        for picture in pictures:
            to_digit(picture, max_pixels=MAX_PIXELS)
        count += len(pictures)
    print(used_s / count * 1e6, flush=True)
