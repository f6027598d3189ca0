"""TAXII 2.1: the indicators of a collection, page by page, from where the last reading ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from koban.model.indicator import Entry
from koban.sources.intelligence import stix
from koban.sources.intelligence.http import Answer, Client, FetchError

MEDIA_TYPE = "application/taxii+json;version=2.1"
PAGES_MAX = 100_000
OBJECTS_MAX = 10_000_000


@dataclass(frozen=True)
class Collection:
    """A collection of a server, by its address."""

    url: str
    title: str = ""

    @property
    def name(self) -> str:
        return self.url.rstrip("/").rpartition("/")[2]


def collection(client: Client, url: str, wanted: str = "") -> Collection:
    """The collection that an address means: its own, or the only readable one of an API root or of a server.

    `wanted` chooses among several by id, alias or title.  Raises FetchError.
    """
    url = url if url.endswith("/") else f"{url}/"
    if url.endswith("/objects/"):
        url = url.removesuffix("objects/")
    if "/collections/" in url and not url.endswith("/collections/"):
        return Collection(url)
    found = list(_collections(client, url))
    if wanted:
        chosen = [(one, raw) for one, raw in found if wanted in (one.name, one.title, raw.get("alias"))]
    else:
        chosen = [(one, raw) for one, raw in found if raw.get("can_read", True) is True]
    if len(chosen) == 1:
        return chosen[0][0]
    named = ", ".join(f"{one.name} ({one.title})" for one, _ in found[:20])
    if wanted:
        raise FetchError(f"{url} has no collection {wanted!r}; it has: {named or 'none'}")
    if not found:
        raise FetchError(f"{url} has no collections")
    raise FetchError(f"{url} has several collections; choose one with --collection: {named}")


def _collections(client: Client, url: str) -> Iterator[tuple[Collection, dict[str, Any]]]:
    if url.endswith("/collections/"):
        roots = [url.removesuffix("collections/")]
    else:
        said = client.get(url, MEDIA_TYPE).json()
        named = said.get("api_roots") if isinstance(said, dict) else None
        roots = [urljoin(url, str(one)) for one in named] if isinstance(named, list) else [url]
    for root in roots:
        if urlsplit(root)[:2] != urlsplit(url)[:2] and client.headers:
            continue  # the credentials are not that server's
        root = root if root.endswith("/") else f"{root}/"
        answer = client.get(urljoin(root, "collections/"), MEDIA_TYPE).json()
        listed = answer.get("collections") if isinstance(answer, dict) else None
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, dict) and one.get("id"):
                yield Collection(urljoin(root, f"collections/{one['id']}/"), str(one.get("title", ""))), one


class Reading:
    """One reading of a collection.  `last` is where the next one goes on, once all entries were taken."""

    def __init__(self, client: Client, of: Collection, added_after: str = "") -> None:
        self.client = client
        self.collection = of
        self.last = added_after
        self._after = added_after

    def entries(self) -> Iterator[Entry]:
        """What the collection says that was added since.  Raises FetchError."""
        yield from stix.entries(self._objects())

    def _objects(self) -> Iterator[Any]:
        url = urljoin(self.collection.url, "objects/")
        after, following, count = self._after, "", 0
        asked: set[tuple[str, str]] = set()
        for _ in range(PAGES_MAX):
            if (after, following) in asked:
                raise FetchError(f"{url} gives the same page again and again")
            asked.add((after, following))
            parameters = {"match[type]": "indicator"}
            parameters |= {"added_after": after} if after else {}
            parameters |= {"next": following} if following else {}
            answer = self.client.get(url, MEDIA_TYPE, parameters)
            page = answer.json()
            if not isinstance(page, dict) or not isinstance(page.get("objects", []), list):
                raise FetchError(f"{url} did not answer with an envelope of TAXII 2.1")
            objects = page.get("objects", [])
            count += len(objects)
            if count > OBJECTS_MAX:
                raise FetchError(f"{url} has more than {OBJECTS_MAX:,} objects")
            yield from objects
            self._remember(answer)
            if page.get("more") is not True:
                return
            following = str(page.get("next") or "")
            if not following:
                after = self.last
        raise FetchError(f"{url} has more than {PAGES_MAX:,} pages")

    def _remember(self, answer: Answer) -> None:
        last = answer.headers.get("X-TAXII-Date-Added-Last", "")
        self.last = max(self.last, last)
