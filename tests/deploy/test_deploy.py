"""The unit, the image and the composition: they parse, and keep the rules that make them safe."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def options_of_serve() -> set[str]:
    from koban.interfaces.cli.serve import serve

    return {name for one in serve.params for name in (*one.opts, *one.secondary_opts)}


def linted(program: str, *arguments: str) -> str:
    """What a linter says, which has to be content; skips, loudly, where it is not installed."""
    places = (Path(sys.executable).parent, ROOT / "web" / "node_modules" / ".bin")
    found = next((str(one / program) for one in places if (one / program).exists()), shutil.which(program))
    if found is None:
        why = f"{program.upper()} IS NOT HERE: what it would say of deploy/ is not known"
        warnings.warn(why, stacklevel=1)
        pytest.skip(why)
    done = subprocess.run([found, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


# -- systemd -------------------------------------------------------------------------------------------------------

HARDENED = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "DynamicUser": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectControlGroups": "yes",
    "RestrictNamespaces": "yes",
    "RestrictSUIDSGID": "yes",
    "LockPersonality": "yes",
    "SystemCallArchitectures": "native",
    "StateDirectoryMode": "0700",
    "UMask": "0077",
}


@pytest.fixture
def unit() -> dict[str, list[str]]:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=False, dict_type=Several)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DEPLOY / "koban.service")
    return {name: str(value).split("\n") for name, value in parser["Service"].items()}


class Several(dict[str, Any]):
    """Keeps every value of a setting that is given more than once."""

    def __setitem__(self, key: str, value: Any) -> None:
        if isinstance(value, list) and key in self:
            self[key].extend(value)
        else:
            super().__setitem__(key, value)


def test_unit_is_hardened(unit: dict[str, list[str]]) -> None:
    for name, value in HARDENED.items():
        assert unit[name] == [value], name
    assert "@system-service" in unit["SystemCallFilter"]


def test_unit_starts_what_there_is_on_loopback(unit: dict[str, list[str]]) -> None:
    words = shlex.split(unit["ExecStart"][0])
    assert words[1:4] == ["serve", "--host", "127.0.0.1"]
    assert {one for one in words if one.startswith("--")} <= options_of_serve()
    assert "KOBAN_DATA_DIR=/var/lib/koban HOME=/var/lib/koban" in unit["Environment"]
    assert unit["StateDirectory"] == ["koban"]


def test_unit_gives_time_to_stop(unit: dict[str, list[str]]) -> None:
    from koban.interfaces.api.server import DRAIN_SECONDS

    assert int(unit["TimeoutStopSec"][0]) > DRAIN_SECONDS + 10
    assert unit["KillMode"] == ["mixed"]  # the server puts its scans back by itself


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    """`systemd-analyze verify`; with a program that is here, since /opt/koban is not."""
    unit = tmp_path / "koban.service"
    unit.write_text((DEPLOY / "koban.service").read_text().replace("/opt/koban/bin/koban ", "/bin/true "))
    assert linted("systemd-analyze", "verify", str(unit)) == ""
    linted("systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", str(unit))  # of 100


# -- image ---------------------------------------------------------------------------------------------------------


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"\\\n", " ", (DEPLOY / "Dockerfile").read_text())
    found = []
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            word, _, rest = line.strip().partition(" ")
            found.append((word, rest.strip()))
    return found


def test_hadolint_finds_nothing_in_the_image() -> None:
    assert linted("hadolint", "--no-color", "--failure-threshold=style", "deploy/Dockerfile") == ""


def test_image_is_made_in_stages_and_runs_as_nobody_special() -> None:
    stages = [rest for word, rest in instructions() if word == "FROM"]
    assert len(stages) == 3
    assert all(re.search(r":\S*\d", one) and " AS " in one for one in stages), "a version, not whatever is newest"
    last = instructions()[[rest for _, rest in instructions()].index(stages[-1]) :]
    users = [rest for word, rest in last if word == "USER"]
    assert users == ["10001:10001"]
    after = last[[word for word, _ in last].index("USER") :]
    assert not [word for word, _ in after if word in ("RUN", "COPY", "ADD")]
    assert not [rest for word, rest in last if word == "COPY" and "--from=build" not in rest]


def test_image_takes_only_what_is_pinned_and_named_from_here() -> None:
    for word, rest in instructions():
        assert word in {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "LABEL", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL",
                        "HEALTHCHECK", "ENTRYPOINT", "CMD"}, word  # fmt: skip
        if word == "RUN":
            assert not re.search(r"curl|wget|https?://|sudo|chmod 777|--index-url|--registry", rest), rest
            for install in re.findall(r"pip install ([^&]*)", rest):
                assert "--require-hashes" in install or "==" in install or "--no-index" in install, install
        if word in ("ENV", "ARG"):
            assert not re.search("SECRET|PASSWORD|TOKEN", rest)
        if word in ("ENTRYPOINT", "CMD", "HEALTHCHECK"):
            assert "[" in rest, "words, not a shell: signals reach the server"


def test_image_copies_what_there_is() -> None:
    for word, rest in instructions():
        if word == "COPY" and not rest.startswith("--from"):
            for name in rest.split()[:-1]:
                assert (ROOT / name).exists() or name.startswith("web"), name
    kept = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    assert kept[1] == "*"
    assert {"!src", "!web", "web/node_modules"} <= set(kept)


def test_image_starts_safely() -> None:
    (command,) = [rest for word, rest in instructions() if word == "CMD"]
    assert command == '["serve", "--host", "127.0.0.1"]'


# -- composition ---------------------------------------------------------------------------------------------------


@pytest.fixture
def composed() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "compose.yaml").read_text()))


def test_dclint_finds_nothing_in_the_composition() -> None:
    assert linted("dclint", "--max-warnings=0", "deploy/compose.yaml").strip() == ""


def test_composition_holds_together(composed: dict[str, Any]) -> None:
    assert set(composed) == {"name", "services", "networks", "volumes", "secrets"}
    for name, service in composed["services"].items():
        networks = service["networks"]
        assert set(networks) <= set(composed["networks"]), name
        assert set(service["secrets"]) <= set(composed["secrets"]), name
        for volume in service["volumes"]:
            assert volume.partition(":")[0] in composed["volumes"], name
        assert set(service.get("depends_on", {})) <= set(composed["services"]), name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert service["restart"] == "unless-stopped", name
        assert "privileged" not in service
        assert "mem_limit" in service


def test_composition_shows_nothing_to_the_world(composed: dict[str, Any]) -> None:
    services = composed["services"]
    assert services["koban"]["ports"] == ["127.0.0.1:8400:8400"]
    assert "ports" not in services["postgres"]
    assert composed["networks"]["back"]["internal"] is True
    assert set(services["postgres"]["networks"]) == {"back"}
    assert services["koban"]["read_only"] is True
    assert services["koban"]["cap_drop"] == ["ALL"]


def test_composition_keeps_secrets_in_files(composed: dict[str, Any]) -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    for service in composed["services"].values():
        for name, value in service["environment"].items():
            if re.search("PASSWORD|SECRET|DATABASE_URL", name):
                assert name.endswith("_FILE"), name
                assert str(value).startswith("/run/secrets/")
    assert not re.search(r"password\s*[:=]\s*[a-z0-9]{4}", text, re.I)


def test_command_of_the_composition_is_one(composed: dict[str, Any]) -> None:
    command = composed["services"]["koban"]["command"]
    assert command[0] == "serve"
    assert {one.partition("=")[0] for one in command[1:]} <= options_of_serve()
    gateway = composed["networks"]["front"]["ipam"]["config"][0]["gateway"]
    assert f"--behind-proxy={gateway}" in command, "the proxy's requests come from the gateway"


def test_images_have_versions(composed: dict[str, Any]) -> None:
    assert re.search(r":\d+", composed["services"]["postgres"]["image"])


def test_no_place_to_download_from_is_named() -> None:
    for path in DEPLOY.iterdir():
        text = path.read_text()
        assert not re.search(r"\b(docker\.io|ghcr\.io|quay\.io|gcr\.io|pypi|npmjs|mcr\.microsoft)\b", text), path.name
