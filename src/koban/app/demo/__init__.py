"""The demo: an emulated AWS organisation on loopback, with the estate of an ordinary company in it."""

from koban.app.demo.emulated import Demo, DemoError, emulated

__all__ = ["Demo", "DemoError", "emulated"]
