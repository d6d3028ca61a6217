"""The command net2c, which the package carries: `net2c VERB ...` and `python -m net2c VERB ...`."""
import os
import pathlib
import sys


def main() -> None:
    binary = pathlib.Path(__file__).parent / "bin/net2c"
    try:
        os.execv(binary, ["net2c", *sys.argv[1:]])
    except OSError as error:
        sys.exit(f"net2c: {binary} cannot be started ({error.strerror}); install the package again: pip install .")


if __name__ == "__main__":
    main()
