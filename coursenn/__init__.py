"""Neural networks from scratch: the companion package of the course-book.

Importing it loads NumPy and nothing heavier. Figures are in ``coursenn.plotting``, which
needs Matplotlib.
"""

from .activations import (
    ACTIVATIONS,
    elu,
    heaviside,
    identity,
    leaky_relu,
    relu,
    sigmoid,
    softplus,
    tanh,
)
from .augment import Distortion
from .data import (
    DatasetError,
    batches,
    load_digits,
    load_gates,
    load_mnist,
    load_wheat_seeds,
    one_hot,
    split,
)
from .gradcheck import numeric_grad, relative_error
from .initializers import glorot, he, lecun, normal, sparse, uniform, zeros
from .layers import BatchNorm, Dense, Dropout, Layer
from .losses import (
    LOSSES,
    absolute_error,
    binary_cross_entropy,
    cross_entropy,
    hinge,
    softmax,
    squared_error,
)
from .network import Network, mlp
from .optimizers import SGD, Adagrad, Adam, AdamW, RMSprop, clip_norm, clip_value
from .perceptron import Perceptron, mcculloch_pitts, train_perceptron
from .saving import ModelFileError
from .schedules import cosine, exponential, inverse_time, step_decay, warm_up
from .training import EarlyStopping, Epoch, accuracy, train

__version__ = "0.1.0"

__all__ = [
    "ACTIVATIONS",
    "LOSSES",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "BatchNorm",
    "DatasetError",
    "Dense",
    "Distortion",
    "Dropout",
    "EarlyStopping",
    "Epoch",
    "Layer",
    "ModelFileError",
    "Network",
    "Perceptron",
    "RMSprop",
    "absolute_error",
    "accuracy",
    "batches",
    "binary_cross_entropy",
    "clip_norm",
    "clip_value",
    "cosine",
    "cross_entropy",
    "elu",
    "exponential",
    "glorot",
    "he",
    "heaviside",
    "hinge",
    "identity",
    "inverse_time",
    "leaky_relu",
    "lecun",
    "load_digits",
    "load_gates",
    "load_mnist",
    "load_wheat_seeds",
    "mcculloch_pitts",
    "mlp",
    "normal",
    "numeric_grad",
    "one_hot",
    "relative_error",
    "relu",
    "sigmoid",
    "softmax",
    "softplus",
    "sparse",
    "split",
    "squared_error",
    "step_decay",
    "tanh",
    "train",
    "train_perceptron",
    "uniform",
    "warm_up",
    "zeros",
]
