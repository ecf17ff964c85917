"""Every cache of the app: what is held, how much of it, and for how long.

Keys are names and generations, never arrays: Streamlit hashes large arrays by
a sample and would answer with what is stale. What is held is shared between
all sessions and is not written to.
"""

import contextlib
import io
import threading
from concurrent.futures import Future
from functools import partial

import numpy as np
import streamlit as st

from components import chart as charts
from components import colouring as colourings
from components.chart import Chart
from components.colouring import Colouring
from core import search
from core.catalogue import Catalogue, Facet, Filters
from core.descriptors import COMPACT, PUBLISHED, Descriptor, Space
from core.errors import LookalikeError
from core.evaluation import metrics
from core.pictures import decoding
from core.search import Embed, Example, Query, Results
from core.search.region_index import Parts
from core.similarity import Index
from core.vision import Network

# How long the first page has the machine for itself before the network is loaded.
WARM_UP_AFTER = 4.0
# Models whose neighbours are counted for the figures of a catalogue: 0.3 s of `published`.
AGREEMENT_SAMPLE = 300


@st.cache_resource(max_entries=6, show_spinner=False)
def index(catalogue: str, generation: int, descriptor: str, space: Space = "models") -> Index:
    """The vectors of a descriptor: 3 MB of `compact`, 22 MB of `published`, for 1,600 models."""
    if descriptor == PUBLISHED and space != "models":
        return index(catalogue, generation, descriptor)  # The same in both spaces.
    return search.index_of(Catalogue(catalogue), descriptor, space)


@st.cache_resource(max_entries=2, show_spinner=False)
def sides(catalogue: str, generation: int, descriptor: str) -> Index | None:
    """The vectors of models from other sides, if there are any: 7 MB for 820 models."""
    return search.sides_of(Catalogue(catalogue), descriptor)


@st.cache_resource(max_entries=8, show_spinner=False)
def members(catalogue: str, generation: int, rows: bytes) -> Results:
    """Some of the map's models, the most typical first; `rows` are the bytes of a mask."""
    drawn = chart(catalogue, generation)
    assert drawn is not None
    chosen = np.flatnonzero(np.frombuffer(rows, bool))
    return search.set_of(
        [drawn.items[row] for row in chosen],
        catalogue=Catalogue(catalogue),
        index=index(catalogue, generation, COMPACT),
    )


def read_ahead(catalogue: str, generation: int) -> None:
    """Have the vectors read in the background: a click would wait 0.3 s for 25,000 models."""

    def read() -> None:
        with contextlib.suppress(LookalikeError):
            index(catalogue, generation, COMPACT)

    threading.Thread(target=read, name="read ahead", daemon=True).start()


@st.cache_resource(max_entries=2, show_spinner=False)
def descriptor(catalogue: str, generation: int, name: str) -> Descriptor:
    """A descriptor, to embed pictures with: 210 MB for `compact`'s fit."""
    return search.descriptor_of(Catalogue(catalogue), name)


def embed(catalogue: str, generation: int, name: str) -> Embed:
    """Return what turns pictures into the vectors of a descriptor."""
    return partial(descriptor(catalogue, generation, name).embed, network())


@st.cache_resource(
    max_entries=1, show_spinner="Cutting the models into parts: a few seconds, only once…"
)
def parts(catalogue: str, generation: int) -> Parts:
    """The parts of all models: 40 MB for 1,600 of them."""
    return search.parts_of(Catalogue(catalogue))


@st.cache_resource(max_entries=2048, show_spinner=False)
def size(catalogue: str, item_id: str, digest: str) -> tuple[int, int]:
    """The width and height of a model's picture, in pixels."""
    opened = Catalogue(catalogue)
    return decoding.decode(opened.original(opened.item(item_id))).size


@st.cache_resource(max_entries=512, show_spinner=False)
def neighbours(
    catalogue: str, generation: int, descriptor: str, item_id: str, k: int, category: str | None
) -> Results:
    """A model's neighbours."""
    return search.run(
        Query(examples=[Example(item=item_id)], filters=Filters(category=category)),
        catalogue=Catalogue(catalogue),
        index=index(catalogue, generation, descriptor),
        k=k,
    )


@st.cache_resource(max_entries=64, show_spinner=False)
def picture(catalogue: str, item_id: str, digest: str) -> bytes:
    """A model's picture, at most 1,024 pixels a side, as a JPEG that every browser shows.

    Encoded in 0.7 ms; as a WebP of the same quality in 10, which a click would wait for.
    """
    opened = Catalogue(catalogue)
    buffer = io.BytesIO()
    decoded = decoding.decode(opened.original(opened.item(item_id)))
    decoded.save(buffer, "JPEG", quality=92, subsampling=0)
    return buffer.getvalue()


@st.cache_resource(max_entries=32, show_spinner=False)
def facet(catalogue: str, generation: int, name: Facet) -> dict[str, int]:
    """Each category, creator, licence or tag, and how many models have it."""
    return Catalogue(catalogue).facet(name)


@st.cache_resource(max_entries=2, show_spinner=False)
def chart(catalogue: str, generation: int) -> Chart | None:
    """The map, or None before there is one: 1 MB for 1,600 models, 14 for 25,000."""
    return charts.read(Catalogue(catalogue))


@st.cache_resource(max_entries=12, show_spinner=False)
def colouring(catalogue: str, generation: int, way: str, like: str) -> Colouring:
    """What the colours of the map mean; `like` is the model of a likeness."""
    opened, drawn = Catalogue(catalogue), chart(catalogue, generation)
    assert drawn is not None
    if way == "cluster":
        return colourings.by_cluster(drawn, opened)
    if way != "similarity":
        return colourings.by_facet(drawn, way)
    return colourings.by_likeness(likeness(catalogue, generation, like))


@st.cache_resource(max_entries=8, show_spinner=False)
def likeness(catalogue: str, generation: int, like: str) -> np.ndarray:
    """How like a model all models of the map are, float32 (n,); 0 for those without a vector."""
    drawn = chart(catalogue, generation)
    assert drawn is not None
    rows = index(catalogue, generation, COMPACT)
    if like not in rows.row_of:
        return np.zeros(len(drawn.items), np.float32)
    scores = rows.scores(rows.rows([rows.row_of[like]]))[0]
    known = [rows.row_of.get(item.id, -1) for item in drawn.items]
    return np.where(np.array(known) >= 0, scores[known], np.float32(0))


@st.cache_resource(max_entries=8, show_spinner=False)
def agreement(catalogue: str, generation: int, descriptor: str) -> float | None:
    """Of a model's 9 neighbours, the share in its category: the mean over a sample, 0 to 1.

    None where no model has a category, or there is only one model.
    """
    return metrics.agreement(
        index(catalogue, generation, descriptor),
        {item.id: item.category for item in Catalogue(catalogue).items()},
        sample=AGREEMENT_SAMPLE,
    )


class _Loader:
    """Loads the network once, in a thread, when asked or when the first page has long been up."""

    def __init__(self) -> None:
        self.network: Future[Network] = Future()
        self._wanted = threading.Event()
        threading.Thread(target=self._load, name="network", daemon=True).start()

    def hurry(self) -> None:
        """Load it now."""
        self._wanted.set()

    def _load(self) -> None:
        self._wanted.wait(WARM_UP_AFTER)
        try:
            from core.vision import precision

            self.network.set_result(precision.load())
        except BaseException as error:
            self.network.set_exception(error)


@st.cache_resource(max_entries=1, show_spinner=False)
def _loader() -> _Loader:
    return _Loader()


def warm_up() -> None:
    """Have the network loaded in the background, once for all sessions."""
    _loader()


def network_is_ready() -> bool:
    """Return whether `network` answers at once."""
    return _loader().network.done()


def network() -> Network:
    """Return the network, waiting for it if need be.

    Raises what went wrong, `LookalikeError` where a person can mend it; the
    next call tries again.
    """
    loader = _loader()
    loader.hurry()
    if loader.network.done() and loader.network.exception() is not None:
        _loader.clear()
        loader = _loader()
        loader.hurry()
    return loader.network.result()


def hurry() -> None:
    """Have the network loaded now, in the background: a picture is likely to come."""
    _loader().hurry()
