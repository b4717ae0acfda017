"""The file of a public set: found in EVO_NAS_DATA, found in the user's cache, or downloaded into it."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import os
import urllib.request
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from evo_nas.data.public_sets import PublicSet
from evo_nas.errors import UserError

TIMEOUT_SECONDS = 30
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class PublicFile:
    """A gzip file of a public set that bears a name.

    place: of the file in EVO_NAS_DATA and, without `tabular/`, in the cache. source: its address, or another place in
    words, which `fetch` then asks. sha256: of the content, uncompressed. fetch: answers the content, compressed or
    not; None asks the address. hashed: how contents are counted.
    """

    set_name: str
    place: str
    source: str
    sha256: str
    fetch: Callable[[], bytes] | None = None
    hashed: Callable[[bytes], str] = lambda content: hashlib.sha256(content).hexdigest()

    def holds(self, path: Path) -> bool:
        """Is this the file?"""
        return self.hashed(_uncompressed(path)) == self.sha256


def public_file(name: str, public: PublicSet) -> Path:
    """The file of a set that is a table; see `stored_file`."""
    fetch = None if isinstance(public.source, str) else lambda: _from_openml(name, public)
    return stored_file(
        PublicFile(name, f"tabular/{public.file}", _shown(public), public.sha256, fetch=fetch, hashed=content_hash)
    )


def stored_file(file: PublicFile) -> Path:
    """The file (gzip), its content checked against the hash known here.

    Raises UserError where the file in EVO_NAS_DATA has another content, and where a download fails or brings another.
    """
    given = os.environ.get("EVO_NAS_DATA")
    if given and (found := Path(given) / file.place).is_file():
        if not file.holds(found):
            raise UserError(
                f"{found}: the content is not that of the public set {file.set_name!r}; restore or remove the file"
            )
        return found
    cached = _cache_folder() / file.place.removeprefix("tabular/")
    if not cached.is_file() or not file.holds(cached):
        _fill_cache(file, cached)
    return cached


def content_hash(content: bytes) -> str:
    """sha256 of a CSV file's content, the same whether lines end as on Unix or on Windows, and at the end or not."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n").strip()).hexdigest()


def _cache_folder() -> Path:
    import platformdirs

    return platformdirs.user_cache_path("evo-nas") / "data"


def _uncompressed(path: Path) -> bytes:
    """The content of a gzip file; nothing where it is damaged, which is no set's content."""
    try:
        return gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error):
        return b""


def _fill_cache(file: PublicFile, cached: Path) -> None:
    name = file.set_name
    remedy = f"set EVO_NAS_DATA to a folder that holds {file.place}, or try again with a network"
    try:
        cached.parent.mkdir(parents=True, exist_ok=True)
        content = _plain(file.fetch() if file.fetch else _from_address(name, file.source))
        if file.hashed(content) != file.sha256:
            raise UserError(f"{name}: what {file.source} answered is not the content known for this set; {remedy}")
        part = cached.with_name(f".{cached.name}.{os.getpid()}")  # two runs may fetch the same set
        part.write_bytes(gzip.compress(content, mtime=0))
        part.replace(cached)
    except (OSError, ValueError, http.client.HTTPException) as error:  # OpenML's own errors are ValueErrors
        raise UserError(f"{name}: could not be downloaded from {file.source} ({error}); {remedy}") from None


def _plain(content: bytes) -> bytes:
    """Uncompressed, where it is gzip. Raises ValueError where that is damaged."""
    try:
        return gzip.decompress(content) if content.startswith(_GZIP) else content
    except (EOFError, zlib.error) as error:
        raise ValueError(f"a damaged file: {error}") from None


def _shown(public: PublicSet) -> str:
    return public.source if isinstance(public.source, str) else f"OpenML (data set {public.source})"


def _from_address(name: str, address: str) -> bytes:
    """The bytes at an address, under a progress bar on the error stream. Raises OSError or HTTPException."""
    from rich.console import Console
    from rich.progress import wrap_file

    with urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS) as response:
        total = int(response.headers.get("Content-Length") or 0)
        shown = Console(stderr=True)
        with wrap_file(response, total, description=f"downloading {name}", console=shown, transient=True) as reader:
            return bytes(reader.read())


def _from_openml(name: str, public: PublicSet) -> bytes:
    """The set as the CSV file that its publisher offers elsewhere. Raises OSError or ValueError."""
    from rich.console import Console
    from sklearn.datasets import fetch_openml

    with Console(stderr=True).status(f"downloading {name} from OpenML"):
        bunch = fetch_openml(data_id=public.source, as_frame=True, data_home=str(_cache_folder() / "openml"))
    frame = bunch.data.assign(target=bunch.target)
    if len(frame.columns) == len(public.names) - 1:
        frame.insert(0, "ID", range(1, len(frame) + 1))
    frame.columns = list(public.names)
    return bytes(frame.to_csv(index=False, lineterminator="\n").encode())
