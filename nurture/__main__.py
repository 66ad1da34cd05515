"""`python -m nurture` is the same as `nurture`."""

import sys

from nurture.cli import main

if __name__ == "__main__":
    sys.exit(main())
