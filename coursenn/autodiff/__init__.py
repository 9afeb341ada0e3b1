"""Automatic differentiation: forward mode, and reverse mode on numbers and on arrays.

``Value`` spells every rule out, for numbers. ``Dual`` and ``Tensor`` are arrays that NumPy's
own functions work on; they share one description of each operation (``traced``), and one
table of derivatives (``derivatives``).
"""

from .dual import Dual
from .tensor import Tensor
from .value import Value

__all__ = ["Dual", "Tensor", "Value"]
