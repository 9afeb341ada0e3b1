"""Peak memory of training on MNIST, as a multiple of the data in float32.

    python benchmarks/memory.py

The process loads both parts of MNIST as float32, trains 784-30-10 for an epoch, and prints
its peak minus what it held after the imports, divided by the size of all 70,000 pictures.
Whatever loading needs in between is in the peak.
"""

import re
import sys
from pathlib import Path

import coursenn
from coursenn.data import DatasetError, load_mnist


def peak_bytes() -> int:
    """Return the most memory that this process has held, in bytes.

    Linux keeps it in /proc. ``resource.getrusage`` would be more portable, but there a
    process begins with the peak of the one that started it.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        sys.exit("peak memory is read from /proc/self/status, which Linux has")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
    assert found, "every process on Linux has a VmHWM"
    return int(found[1]) * 1024


def main() -> None:
    imports = peak_bytes()
    try:
        (X, y), (X_test, y_test) = load_mnist()
    except DatasetError as error:
        sys.exit(str(error))
    net = coursenn.mlp([784, 30, 10], coursenn.relu, loss=coursenn.cross_entropy, rng=0)
    sgd = coursenn.SGD(0.1)
    for _ in coursenn.train(net, X, coursenn.one_hot(y, 10), sgd, 1, batch_size=10, rng=0):
        coursenn.accuracy(net.predict(X_test), y_test)
    print(f"{(peak_bytes() - imports) / (X.nbytes + X_test.nbytes):.2f}")


if __name__ == "__main__":
    main()
