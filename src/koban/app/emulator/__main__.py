"""Runs the emulated AWS as a process of its own: ``python -m koban.app.emulator --port 5000``."""

from __future__ import annotations

import argparse
import threading

from koban.app.emulator.server import Emulator


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m koban.app.emulator", description="An emulated AWS on loopback.")
    parser.add_argument("--port", type=int, default=0, help="the port to listen on; 0 takes a free one")
    with Emulator(parser.parse_args().port) as emulator:
        print(emulator.url, flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
