"""What counts as the same output: words, numbers and pictures.

`python -m pytest` runs every notebook and compares what it prints and draws with what
is stored, by the rules here (`conftest.py` applies them):

- Words and integers are equal. How wide a gap of spaces is does not matter.
- Floats differ by at most one unit in the last printed digit.
- Pictures look the same: see `difference_of_images`.

Every function returns None for 'the same', or a sentence that says what differs.
"""

import base64
import io
import json
import re
from decimal import Decimal
from itertools import product

import numpy as np
from PIL import Image

# A number stands alone: the 3 of epoch3, the 64 of 64x64 and version 1.2.3 are words.
NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?!\w|\.\d)")

BLOCK = 8  # pixels: about the width of a letter
# The limits are for colours from 0 to 255, and measured on plots of 640 x 400 pixels.
# Data that drift by a part in 100,000 change a block by 0.2; one digit of a label
# changes it by 11, one point of a scatter plot by 22, a curve by 120.
BLOCK_LIMIT = 4
# Between matplotlib 3.10 and 3.11 the root mean square over all blocks is up to 4, at
# the best shift. A missing curve makes it 9 to 15, another seed 17 to 29, but another
# title or a missing point less than 4: only the same version shows those.
RMS_LIMIT = 8
SHIFT = 3  # pixels by which the letters of another version move a drawing
SIZE_CHANGE = 0.03  # of the width or height: pictures are cut around their letters


def difference_of_outputs(stored, new):
    """Compare two lists of a cell's outputs (notebook format)."""
    stored, new = flat(stored), flat(new)
    kinds = [kind for kind, _ in stored], [kind for kind, _ in new]
    if kinds[0] != kinds[1]:
        return f"stored were {kinds[0]}, now there are {kinds[1]}{shown(new)}"
    for (kind, a), (_, b) in zip(stored, new, strict=True):
        compare = difference_of_images if is_image(kind) else difference_of_texts
        if why := compare(a, b):
            return f"{kind}: {why}"
    return None


def flat(outputs):
    """Return [(kind, value), ...], where kind is a stream's name or a MIME type."""
    return [pair for output in outputs for pair in values(output)]


def values(output):
    if output["output_type"] == "stream":
        return [(output["name"], output["text"])]
    if output["output_type"] == "error":
        return [("error", f"{output['ename']}: {output['evalue']}")]
    return [(kind, as_text(value)) for kind, value in sorted(output["data"].items())]


def as_text(value):
    return (
        value if isinstance(value, str) else json.dumps(value, indent=1, sort_keys=True)
    )


def is_image(kind):
    return kind.endswith(("image/png", "image/jpeg"))


def shown(outputs):
    texts = [f"\n{kind}: {text[:400]}" for kind, text in outputs if not is_image(kind)]
    return "".join(texts)


def difference_of_texts(stored, new):
    """Compare words and integers exactly, and floats to the last printed digit."""
    if stored == new:
        return None
    if skeleton(stored) != skeleton(new):
        return f"the words differ\nstored: {stored}\nnow:    {new}"
    pairs = zip(NUMBER.findall(stored), NUMBER.findall(new), strict=True)
    wrong = [f"{a} became {b}" for a, b in pairs if not same_number(a, b)]
    return f"{', '.join(wrong)}\nstored: {stored}\nnow:    {new}" if wrong else None


def skeleton(text):
    """Return the text with every number replaced by a mark, and gaps of one space.

    NumPy and pandas pad the numbers of a table to one width, so a digit more in one row
    moves the spaces of the others; lines stay lines.
    """
    text = NUMBER.sub("\0", text)
    text = re.sub(r"[^\S\n]+", " ", text)
    return re.sub(r" ?(^|$|\n|\[|\]) ?", r"\1", text)


def same_number(a, b):
    """Say whether two printed numbers agree.

    Two integers agree if they are equal, and so do two floats without decimals: NumPy's
    '3.' stands for 3.0000. Otherwise the number with more decimals says what a unit in
    the last digit is: '1.' agrees with '0.9999', and '1e-05' with '9.9e-06'.
    An integer never agrees with a float.
    """
    x, y = Decimal(a), Decimal(b)
    if is_integer(a) != is_integer(b):
        return False
    if is_integer(a) or (has_no_decimals(a) and has_no_decimals(b)):
        return x == y
    unit = Decimal(1).scaleb(min(x.as_tuple().exponent, y.as_tuple().exponent))
    return abs(x - y) <= unit


def is_integer(token):
    return token.lstrip("+-").isdigit()


def has_no_decimals(token):
    return token.endswith(".")


def difference_of_images(stored, new):
    """Compare two pictures, given in base64, by the mean colour of blocks of pixels.

    Matplotlib writes its version into a picture. The same version draws alike, so no
    block may change visibly. Another version moves letters and lines by a pixel or two;
    then only a large change of the whole can be told from that.
    """
    if stored.strip() == new.strip():
        return None
    a, b = opened(stored), opened(new)
    same_version = a.info.get("Software") == b.info.get("Software")
    if not (a.size == b.size if same_version else similar_size(a.size, b.size)):
        return f"the picture was {a.size} pixels large and is now {b.size}"
    a, b = pixels(a), pixels(b.resize(a.size))
    return difference_in_a_block(a, b) if same_version else difference_overall(a, b)


def difference_in_a_block(a, b):
    largest = np.abs(block_means(sums(a)) - block_means(sums(b))).max()
    if largest > BLOCK_LIMIT:
        return f"the picture changed in one place by {largest:.0f}, limit {BLOCK_LIMIT}"
    return None


def difference_overall(a, b):
    """Compare pictures of two versions of matplotlib, at the shift that fits best."""
    a, b = block_means(sums(a)), sums(b)
    shifts = product(range(2 * SHIFT + 1), repeat=2)
    distance = min(rms(a - block_means(b, *shift)) for shift in shifts)
    if distance > RMS_LIMIT:
        return f"the picture changed as a whole by {distance:.1f}, limit {RMS_LIMIT}"
    return None


def opened(picture):
    return Image.open(io.BytesIO(base64.b64decode(picture)))


def similar_size(a, b):
    return all(abs(m - n) <= SIZE_CHANGE * m for m, n in zip(a, b, strict=True))


def pixels(image):
    """Return an (height, width, 3) array of 0 to 255, on white where transparent."""
    image = image.convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    return np.asarray(Image.alpha_composite(white, image).convert("RGB"), float)


def sums(image):
    """Return the sum of all pixels above and to the left of each corner of a pixel.

    Around the image comes a white margin, so that it holds whole blocks at every shift.
    """
    margins = [(SHIFT, SHIFT + -n % BLOCK) for n in image.shape[:2]]
    image = np.pad(image, [*margins, (0, 0)], constant_values=255)
    return np.pad(image.cumsum(axis=0).cumsum(axis=1), [(1, 0), (1, 0), (0, 0)])


def block_means(sums, top=SHIFT, left=SHIFT):
    """Return the mean colour of each block: (height / 8, width / 8, 3)."""
    height, width = (n - 1 - 2 * SHIFT for n in sums.shape[:2])
    corners = sums[top : top + height + 1 : BLOCK, left : left + width + 1 : BLOCK]
    return np.diff(np.diff(corners, axis=0), axis=1) / BLOCK**2


def rms(x):
    return float(np.sqrt(np.mean(x**2)))
