"""Spark for real: a master and two workers on loopback, over the same lake as the embedded engine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.app.detect.test_run import RULES as STREAMED
from tests.app.logs.test_ingest import record, trail
from tests.engines.behaviour.test_evaluate import ingest, remembered, story
from tests.lake.here import lake_of_rules
from tests.lake.test_bucket import endpoint, s3  # noqa: F401 - fixtures
from tests.lake.test_lake import event
from tests.ports import free_port, until_listening

import koban
from koban.app.detect.others import behaviours, indicators
from koban.app.detect.run import Detector
from koban.app.intelligence import LeftOuts, add
from koban.app.logs.ingest import Ingestion
from koban.app.logs.place import lake_at
from koban.engines.detection.rules import own_folder
from koban.interfaces.cli.logs import readable
from koban.lake.lake import Lake
from koban.lake.query import BadQuery, ask
from koban.lake.spark import SparkLake
from koban.lake.spread import NoWorkers, Select
from koban.sources.logs.inputs import inputs

pyspark = pytest.importorskip("pyspark", reason="pyspark is not installed: --engine spark is NOT tested")
if shutil.which("java") is None:
    pytest.skip("there is no Java: --engine spark is NOT tested", allow_module_level=True)

HOME = Path(pyspark.__file__).parent
WORKERS = 2
RULES = Path(str(own_folder()))
PIECE_ROWS = 2_000


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
                    *(f"{deploy}.worker.Worker", "--host", "127.0.0.1", "--webui-port", "0", "-c", "2", "-m", "1200m"),
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
    """The test events of all of our own rules: clouds, hosts, networks and the others."""
    return lake_of_rules(tmp_path_factory.mktemp("lake") / "lake", RULES)


@pytest.fixture(scope="module")
def spark(lake: Lake, master: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkLake]:
    settings = tmp_path_factory.mktemp("conf")
    (settings / "spark-defaults.conf").write_text(
        "spark.executor.memory 512m\nspark.driver.memory 512m\nspark.executor.cores 1\nspark.cores.max 2\n"
    )
    os.environ["SPARK_CONF_DIR"] = str(settings)
    made = SparkLake(lake, master, PIECE_ROWS)
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
    assert len(detector.pieces()) > WORKERS
    assert len(embedded) > 500
    for one, other in zip(detector.of_time(), embedded, strict=True):
        assert one == other
    assert not list((Path(lake.root) / "_spark").glob("*"))


def test_workers_run_the_code_that_they_were_sent(spark: SparkLake) -> None:
    spark.ship()

    def whose(batches: Iterator[Any]) -> Iterator[Any]:
        import pyarrow

        import koban

        for _ in batches:
            time.sleep(2)
            yield pyarrow.RecordBatch.from_arrays([[koban.__file__], [os.getpid()]], names=["file", "pid"])

    rows = spark.spark.range(0, 4, 1, 4).mapInArrow(whose, "file STRING, pid BIGINT").collect()
    assert all(f"koban-{koban.__version__}.zip" in file for file, _ in rows)
    assert len({pid for _, pid in rows} - {os.getpid()}) >= WORKERS


def test_a_worker_that_cannot_says_why(spark: SparkLake) -> None:
    with pytest.raises(NoWorkers, match="nowhere"), spark.spread(Select("SELECT * FROM nowhere"), ["(SELECT 1)"]):
        pass


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


LISTED = "a.example.com\nt.example.net\n203.0.113.0/24\n"


def test_the_same_behaviour_and_the_same_indicators(spark: SparkLake, tmp_path: Path) -> None:
    one, other = Lake(str(tmp_path / "one")), Lake(str(tmp_path / "other"))
    feed = tmp_path / "feed.txt"
    feed.write_text(LISTED)
    for made in (one, other):
        ingest(made, story(5))
        add(made, str(feed), LeftOuts())
    whole, rows, spark.lake, spark.piece_rows = spark.lake, spark.piece_rows, other, 400
    try:
        matched = indicators(other, "", "", spark)
        with behaviours(other, "", "", machines=spark) as said:
            pass
    finally:
        spark.lake, spark.piece_rows = whole, rows
    with behaviours(one, "", "") as embedded:
        assert said == embedded
    assert matched == indicators(one, "", "") != []
    assert len(said) > 10
    assert remembered(other) == remembered(one)


class Follower:
    """`koban detect --engine spark --follow` as a process of its own."""

    def __init__(self, master: str, root: Path, *words: str) -> None:
        environment = {**os.environ, "KOBAN_DATA_DIR": str(root / "data"), "PYSPARK_PYTHON": sys.executable}
        self.said = root / f"said-{time.monotonic_ns()}"
        command = ["detect", "--engine", "spark", "--spark-master", master, "--follow", "--format", "jsonl"]
        with self.said.open("wb") as out, (root / "errors").open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "koban", *command, "--lake", str(root / "lake"), *words],
                env=environment,
                stdout=out,
                stderr=errors,
            )

    def alerts(self) -> list[tuple[str, str, int]]:
        lines = self.said.read_text().splitlines()
        return [(a["title"], a["fingerprint"], a["count"]) for a in map(json.loads, lines)]

    def wait(self, count: int, seconds: float = 400) -> None:
        """Until it has said so many alerts."""
        until = time.monotonic() + seconds
        while len(self.alerts()) < count:
            assert self.process.poll() is None, "it ended"
            assert time.monotonic() < until, f"{len(self.alerts())} alerts of {count}"
            time.sleep(0.3)


def who(name: str, at: int, **over: Any) -> dict[str, Any]:
    arn = f"arn:aws:iam::111122223333:user/{name}"
    identity = {"type": "IAMUser", "userName": name, "arn": arn}
    return record(at, userIdentity=identity, eventID=f"{name}-{at}", **over)


def land(lake: Lake, logs: Path, name: str, *records: dict[str, Any]) -> None:
    trail(logs / f"{name}.json.gz", *records)
    Ingestion(lake).take(inputs(str(logs / f"{name}.json.gz")))


def test_a_stream_tells_each_alert_once_whatever_happens(master: str, tmp_path: Path) -> None:
    made, logs = Lake(str(tmp_path / "lake")), tmp_path / "logs"
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "two.yml").write_text(STREAMED)
    words = ["--rules", str(tmp_path / "rules"), "--no-own", "--no-behaviour", "--no-intelligence"]
    stop = {"eventName": "StopLogging", "eventSource": "cloudtrail.amazonaws.com"}
    land(made, logs, "a", who("ann", 0, **stop), *(who("eve", n, errorCode="AccessDenied") for n in range(6)))
    first = Follower(master, tmp_path, *words)
    try:
        first.wait(1)
        # the window's other half, and a compaction that puts what was judged into new files
        land(
            made, logs, "b", who("bob", 100, **stop), *(who("eve", 60 + n, errorCode="AccessDenied") for n in range(6))
        )
        first.wait(3)
        assert made.compact().files_after == 1
        land(made, logs, "c", who("cid", 200, **stop))
        first.wait(4)
    finally:
        first.process.kill()
        first.process.wait(30)
    land(made, logs, "d", who("dan", 300, **stop), *(who("fay", n, errorCode="AccessDenied") for n in range(6)))
    made.compact()
    second = Follower(master, tmp_path, *words)
    try:
        second.wait(1)
        land(
            made, logs, "e", who("eli", 400, **stop), *(who("fay", 60 + n, errorCode="AccessDenied") for n in range(6))
        )
        second.wait(3)
        second.process.terminate()
        assert second.process.wait(60) == 0
    finally:
        second.process.kill()
    said = first.alerts() + second.alerts()
    assert len(said) == len({fingerprint for _, fingerprint, _ in said})
    detector = Detector(made, [tmp_path / "rules"], own=False)
    assert sorted(said) == sorted((a.title, a.fingerprint, a.count) for a in detector.of_time())
    assert not list((tmp_path / "lake" / "_spark").glob("*/*"))


def test_workers_judge_a_lake_in_a_bucket_without_hadoop(spark: SparkLake, s3: Any, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "two.yml").write_text(STREAMED)
    made = lake_at("s3://logs-lake/spark")
    stop = {"eventName": "StopLogging", "eventSource": "cloudtrail.amazonaws.com"}
    land(made, tmp_path, "a", who("ann", 0, **stop), *(who("eve", n, errorCode="AccessDenied") for n in range(6)))
    land(made, tmp_path, "b", who("bob", 9, **stop), *(who("eve", 60 + n, errorCode="AccessDenied") for n in range(6)))
    detector = Detector(made, [tmp_path / "two.yml"], own=False)
    embedded = detector.of_time()
    whole, rows, spark.lake, spark.piece_rows = spark.lake, spark.piece_rows, made, 5
    try:
        detector.engine = spark
        assert len(detector.pieces()) > 1
        found = detector.of_time()
    finally:
        spark.lake, spark.piece_rows = whole, rows
    assert len(found) == 3
    assert found == embedded
    assert "Contents" not in s3.list_objects_v2(Bucket="logs-lake", Prefix="spark/_spark/")


@pytest.fixture(scope="module")
def connect(master: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Spark Connect server, whose workers are the master's."""
    pytest.importorskip("grpc", reason="pyspark[connect] is not installed: Spark Connect is NOT tested")
    port = free_port()
    settings = {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
        "spark.driver.host": "127.0.0.1",
        "spark.executor.memory": "512m",
        "spark.executor.cores": "1",
        "spark.cores.max": "2",
        "spark.ui.enabled": "false",
    }
    command = [str(HOME / "bin" / "spark-submit"), "--master", master, "--driver-memory", "700m"]
    for key, value in settings.items():
        command += ["--conf", f"{key}={value}"]
    command += ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer"]
    environment = {
        **os.environ,
        "SPARK_HOME": str(HOME),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
    }
    environment.pop("SPARK_CONF_DIR", None)
    log = tmp_path_factory.mktemp("connect") / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
    try:
        until_listening(port, process, log, 180)
        yield f"sc://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


def koban_says(data: Path, lake: Path, *words: str) -> list[Any]:
    """What a `koban` of its own prints, a document a line; a session of Spark Connect wants a process to itself."""
    done = subprocess.run(
        [sys.executable, "-m", "koban", *words, "--lake", str(lake)],
        env={**os.environ, "KOBAN_DATA_DIR": str(data), "PYSPARK_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return sorted(done.stdout.splitlines())


def test_spark_connect_finds_what_the_embedded_engine_finds(lake: Lake, connect: str, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for place in (here, there):
        shutil.copytree(lake.root, place)
    far = ["--engine", "spark", "--spark-master", connect]
    for sql in QUESTIONS:
        ask_for = ["logs", "query", sql, "--format", "jsonl"]
        rows = koban_says(tmp_path / "data", here, *ask_for)
        assert rows
        assert koban_says(tmp_path / "data", there, *ask_for, *far) == rows
    judge = ["detect", "--since", "2000-01-01", "--format", "jsonl", "--fail-on", "never"]
    alerts = koban_says(tmp_path / "data-here", here, *judge)
    assert len(alerts) > 500
    assert koban_says(tmp_path / "data-there", there, *judge, *far) == alerts


def test_commits_are_followed_through_spark_connect(connect: str, tmp_path: Path) -> None:
    made, logs = Lake(str(tmp_path / "lake")), tmp_path / "logs"
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "two.yml").write_text(STREAMED)
    stop = {"eventName": "StopLogging", "eventSource": "cloudtrail.amazonaws.com"}
    land(made, logs, "a", who("ann", 0, **stop), *(who("eve", n, errorCode="AccessDenied") for n in range(6)))
    words = ["--rules", str(tmp_path / "rules"), "--no-own", "--no-behaviour", "--no-intelligence"]
    follower = Follower(connect, tmp_path, *words)
    try:
        follower.wait(1)
        eve = (who("eve", 60 + n, errorCode="AccessDenied") for n in range(6))
        land(made, logs, "b", who("bob", 100, **stop), *eve)
        follower.wait(3)
        koban_says(
            tmp_path / "data", tmp_path / "lake", "logs", "maintain", "--engine", "spark", "--spark-master", connect
        )
        assert len(made.events.files()) == 1
        land(made, logs, "c", who("cid", 200, **stop))
        follower.wait(4)
        follower.process.terminate()
        assert follower.process.wait(60) == 0
    finally:
        follower.process.kill()
    detector = Detector(made, [tmp_path / "rules"], own=False)
    assert sorted(follower.alerts()) == sorted((a.title, a.fingerprint, a.count) for a in detector.of_time())
