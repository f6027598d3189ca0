"""One scan, in this process: ``python -m koban.app.serve.work 12``.  Started by the server for a scan that has begun.

Being killed at any moment is all right: a scan lands as a whole or not at all.
"""

from __future__ import annotations

import signal
import sys

from koban.ledger.database import Ledger, data_directory
from koban.ledger.errors import LedgerError


def main(arguments: list[str]) -> int:
    """Run the scan; 0 when it has landed, 1 when it has not.  Why is written into the scan."""
    from koban.app.ledger.scan import run

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    number = int(arguments[0])
    data_dir = data_directory()
    ledger = Ledger.open(data_dir)
    spools = data_dir / "spools" / str(number)
    spools.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        run(ledger, number, spools=spools)
    except LedgerError as error:
        print(f"koban: scan {number}: {error}", file=sys.stderr)
        return 1
    except Exception as error:
        print(f"koban: scan {number}: {type(error).__name__}", file=sys.stderr)
        return 1
    finally:
        ledger.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
