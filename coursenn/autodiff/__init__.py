"""Automatic differentiation: forward mode, and reverse mode on numbers and on arrays.

``Value`` spells every rule out, for numbers. ``Dual`` and ``Tensor`` are arrays that NumPy's
own functions work on; they share one description of each operation (``traced``), and one
table of derivatives (``derivatives``). ``TensorModel`` is a model written with Tensors.
"""

from .counting import count_operations
from .dual import Dual
from .jacobian import Jacobian, jacobian
from .model import TensorModel
from .tensor import Tensor
from .value import Value

__all__ = ["Dual", "Jacobian", "Tensor", "TensorModel", "Value", "count_operations", "jacobian"]
