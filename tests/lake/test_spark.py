"""Spark for real: a master and two workers on loopback, over the same lake as the embedded engine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.lake.test_lake import event

from koban.app.detect.run import Detector
from koban.engines.detection import testing
from koban.engines.detection.dialect import SPARK
from koban.engines.detection.narrow import conditions
from koban.engines.detection.rules import load, own_folder
from koban.engines.detection.ruleset import compile_set
from koban.interfaces.cli.logs import readable
from koban.lake.lake import Lake
from koban.lake.query import BadQuery, ask
from koban.lake.spark import SparkLake, any_of
from koban.sources.logs.mapping import MACROS, mappings, select

pyspark = pytest.importorskip("pyspark", reason="pyspark is not installed: --engine spark is NOT tested")
if shutil.which("java") is None:
    pytest.skip("there is no Java: --engine spark is NOT tested", allow_module_level=True)

HOME = Path(pyspark.__file__).parent
WORKERS = 2
RULES = Path(str(own_folder())) / "aws"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A standalone master and its workers."""
    place = tmp_path_factory.mktemp("spark")
    port = free_port()
    url = f"spark://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "SPARK_HOME": str(HOME),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_NO_DAEMONIZE": "1",
        "PYSPARK_PYTHON": sys.executable,
    }
    run = [str(HOME / "bin" / "spark-class")]
    deploy = "org.apache.spark.deploy"
    log = place / "log"
    processes = []
    with log.open("wb") as out:

        def start(*words: str) -> None:
            processes.append(subprocess.Popen([*run, *words], env=environment, stdout=out, stderr=out))

        try:
            start(f"{deploy}.master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0")
            for number in range(WORKERS):
                start(
                    *(f"{deploy}.worker.Worker", "--host", "127.0.0.1", "--webui-port", "0", "-c", "1", "-m", "512m"),
                    *("-d", str(place / f"worker-{number}"), url),
                )
            until = time.monotonic() + 120
            while log.read_text(errors="replace").count("Registering worker") < WORKERS:
                assert time.monotonic() < until, log.read_text(errors="replace")[-2000:]
                time.sleep(0.2)
            yield url
        finally:
            for process in reversed(processes):
                process.terminate()
            for process in processes:
                process.wait(30)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The test events of our own rules about AWS: CloudTrail, flow, DNS and the others."""
    made = Lake(str(tmp_path_factory.mktemp("lake") / "lake"))
    rules = load([RULES])
    compiled = compile_set(rules, mappings())
    records = []
    for number, detection in enumerate(rules.detections):
        rule = compiled.of(detection)
        for at, test in enumerate(detection.tests if rule else [], 1):
            assert rule is not None
            for source in testing._sources(test, rule):
                records += testing._records(test, source, f"{number}/{at}/{source}", rule)
    ingestion = testing.Ingestion(MACROS, select)
    connection = testing._connection(records, {m.source: m for m in mappings()}, ingestion)
    made.events.append(connection, "SELECT * REPLACE (CAST(time AT TIME ZONE 'UTC' AS DATE) AS day) FROM events")
    return made


@pytest.fixture(scope="module")
def spark(lake: Lake, master: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkLake]:
    settings = tmp_path_factory.mktemp("conf")
    (settings / "spark-defaults.conf").write_text("spark.executor.memory 512m\nspark.driver.memory 512m\n")
    os.environ["SPARK_CONF_DIR"] = str(settings)
    made = SparkLake(lake, master)
    assert made.spark.sparkContext.master == master
    yield made
    made.spark.stop()


QUESTIONS = (
    "SELECT source, class_uid, count(*) AS n, min(time) AS first, max(day) AS last FROM events GROUP BY 1, 2",
    "SELECT time, metadata_uid, origin, origin_line, resources_uid, answers, traffic_bytes, record FROM events",
    "SELECT count(*) AS n FROM events WHERE actor.user.name IS NULL AND src_endpoint.ip LIKE '10.%'",
)


@pytest.mark.parametrize("sql", QUESTIONS)
def test_the_same_rows(lake: Lake, spark: SparkLake, sql: str) -> None:
    one, other = ask(lake, sql), spark.ask(sql)
    assert one.columns == other.columns
    rows, others = (sorted(repr([readable(v) for v in row]) for row in answer.rows) for answer in (one, other))
    assert rows
    assert rows == others


def test_the_same_alerts(lake: Lake, spark: SparkLake) -> None:
    detector = Detector(lake, [RULES], own=False)
    embedded = detector.of_time()
    detector.engine = spark
    assert len(embedded) > 50
    for one, other in zip(detector.of_time(), embedded, strict=True):
        assert one == other
    assert not list((Path(lake.root) / "_spark").glob("*"))


def test_what_cannot_match_is_left_out(lake: Lake, spark: SparkLake) -> None:
    where = any_of(conditions(compile_set(load([RULES]), mappings()), SPARK))
    every, found = spark.events().count(), spark.events().where(where).count()
    assert 0 < found < every


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT nothing FROM events", "nothing"),
        ("SELEC 1", "Unexpected token"),
        ("DROP TABLE events", "one SELECT"),
        ("SELECT 1; SELECT 2", "one SELECT"),
        ("SELECT * FROM parquet.`/etc`", "no table"),
        ("SELECT java_method('java.lang.System', 'exit', 1)", "beyond the lake"),
    ],
)
def test_a_query_reads_the_lake_and_nothing_else(spark: SparkLake, sql: str, message: str) -> None:
    with pytest.raises(BadQuery, match=message):
        list(spark.ask(sql).rows)


def test_compaction_is_a_commit_of_ours(spark: SparkLake, tmp_path: Path) -> None:
    small = Lake(str(tmp_path / "lake"))
    for number in range(4):
        small.events.append(small.connection(), event("2026-03-01", f"e{number}"))
        small.events.append(small.connection(), event("2026-03-02", f"f{number}", 4001))
    sql = "SELECT time, metadata_uid, class_uid, day FROM events ORDER BY 2"
    before = list(ask(small, sql).rows)
    whole, spark.lake = spark.lake, small
    try:
        done = spark.compact()
    finally:
        spark.lake = whole
    assert (done.partitions, done.files_before, done.files_after) == (2, 8, 2)
    assert list(ask(small, sql).rows) == before
    assert len(small.events.files()) == 2
    assert [f.time_min[:10] for f in small.events.files()] == ["2026-03-01", "2026-03-02"]
    small.vacuum(hours=0)
    # checksums that Spark wrote beside its files are gone too
    kept = [one for one in Path(small.root).glob("events/class_uid=*/**/*") if one.is_file()]
    assert len(kept) == 2
    assert list(ask(small, sql).rows) == before
