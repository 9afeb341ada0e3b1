"""``python -m coursenn doctor`` says whether this machine is ready, and how to mend what is not."""

import argparse
import sys

from .doctor import examine


def main(arguments: list[str] | None = None) -> int:
    """Print what the checks found; return 1 if something is to be mended."""
    parser = argparse.ArgumentParser(prog="python -m coursenn", description=__doc__)
    parser.add_argument("command", choices=["doctor"], help="look at Python, packages, data, …")
    parser.parse_args(arguments)
    findings = examine()
    print(*findings, sep="\n")
    faults = sum(finding.is_fault for finding in findings)
    print(f"\n{faults} to mend" if faults else "\nAll is ready.")
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main())
