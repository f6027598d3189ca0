"""What holds for the collectors as a whole."""

from importlib import import_module
from pkgutil import iter_modules

import koban.model.aws
from koban.model.estate import Account, Region
from koban.model.resource import known_classes
from koban.sources.aws.collector import collectors

for module in iter_modules(koban.model.aws.__path__):
    import_module(f"koban.model.aws.{module.name}")

COLLECTORS = collectors()
READ = {cls for one in COLLECTORS for cls in one.types}


def test_a_class_is_read_by_a_collector_or_stands_in_templates_only():
    classes = [cls for cls in known_classes() if cls.__module__.startswith("koban.model.")]
    assert [cls.type for cls in classes if (cls in READ) == cls.template_only and cls not in (Account, Region)] == []


def test_types_and_services_are_as_many_as_we_say():
    assert len(READ) >= 90
    assert len({call.split(":")[0] for one in COLLECTORS for call in one.calls}) >= 40
