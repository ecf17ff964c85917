"""About: how Lookalike works, in plain words, with numbers about the open catalogue."""

from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from components.map import caches as map_caches
from components.shared import caches, controls, navigation, titles, url_state
from core.catalogue import Catalogue, Summary
from core.errors import LookalikeError
from core.evaluation import metrics

HOW = """
**A picture becomes a vector.** The thumbnail of every model goes through VGG16, a neural network
that was trained to name what is in photographs. Its last layers, which choose the name, are
removed; the layers before them describe shapes and textures, and where they are.

**Similar pictures have similar vectors.** The *score* of two pictures is the cosine of the angle
between their vectors: 1.00 means the same picture, 0 means nothing in common. Scores rank the
results of one query; they cannot be compared between queries.

**Two descriptors.** The *2016 recipe* is the method as it was published: the whole thumbnail,
25,088 numbers. *Lookalike*, the default, looks only at the object and gives strong features less
weight. It uses at most 512 numbers to compare models with each other, and 512 to compare them
with pictures and drawings. For the latter it makes a line drawing of every model and learns to
ignore the difference between a model and its own drawing. Your picture is compared both as it is
and mirrored, because a drawing may face either way.

**Strong matches.** The same score can be high for one query and low for another. Next to it you
see how many standard deviations (σ) it lies above the median of all scores for this query. A
result is a *weaker match* if a picture of something else could well score as high.

**Why they match.** A score is a sum over all places in the picture. *Why?* shows which of them
contributed most.

**The map** places models next to their nearest neighbours (UMAP). What lies close together is
similar; large distances mean little. Models that lie close together form a *cluster* (HDBSCAN),
which is named after the words that its models share and others lack. Its landmark is the most
central of the models that its name describes. The *grid* gives each model a cell of its own, as
close as possible to its place on the map.
"""

CREDITS = """
VGG16: Karen Simonyan and Andrew Zisserman, Visual Geometry Group, Oxford, 2014; weights
CC BY 4.0. The 2016 recipe: Ethan Rosenthal, *Recasketch*. UMAP: Leland McInnes, John Healy and
James Melville, 2018. HDBSCAN: Ricardo Campello, Davoud Moulavi and Joerg Sander, 2013. Demo:
Fluent emoji, Microsoft, MIT; names and groups from emojibase, MIT. The mean features of drawings
were computed from icons by Streamline, CC BY 4.0. 3D files: Mapbox’s earcut, ISC; rendered with
Intel’s Embree, Apache 2.0; shown in Google’s model-viewer, Apache 2.0. Icons: Google’s
Material Symbols, Apache 2.0.
"""


def show_numbers(catalogue: Catalogue) -> None:
    """The size of the catalogue, and how often neighbours have the same category."""
    summary = caches.summary(catalogue)
    st.header(f"{url_state.escape_markdown(catalogue.title)} in numbers", anchor=False)
    numbers = {
        "Models": f"{summary.items:,}",
        "Categories": f"{summary.categories:,}",
        "On the map": f"{summary.mapped:,}",
        "On disk": f"{summary.bytes / 1e6:,.0f} MB",
    }
    show_figures(numbers)
    rows = []
    for descriptor, label in controls.DESCRIPTORS.items():
        try:
            index = caches.index(catalogue, descriptor)
        except LookalikeError:
            continue
        if not len(index):
            continue
        agreement = caches.agreement(catalogue, descriptor)
        rows.append(
            {
                "Descriptor": label,
                "Models": f"{len(index):,}",
                "Numbers": f"{index.dimensions:,}",
                "Same category": "–" if agreement is None else f"{agreement:.0%}",
            }
        )
    if not rows:
        return
    show_table(rows)
    explain_agreement(catalogue, summary)
    show_map_quality(catalogue)


def show_figures(figures: Mapping[str, str]) -> None:
    """Show figures by name, two in a row.

    HTML, as is the table: for `st.metric` and `st.table` a browser would fetch 0.9 MB of scripts.
    """
    boxes = (
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
        for name, value in figures.items()
    )
    st.html(f'<dl class="figures">{"".join(boxes)}</dl>')


def show_table(rows: Sequence[Mapping[str, str]]) -> None:
    """Show rows as a table; all have the same columns."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in rows[0])
    lines = (
        f"<tr>{''.join(f'<td>{escape(value)}</td>' for value in row.values())}</tr>" for row in rows
    )
    st.html(f'<table class="figures"><thead><tr>{head}</tr></thead>{"".join(lines)}</table>')


def explain_agreement(catalogue: Catalogue, summary: Summary) -> None:
    """What “Same category” means, and what it would be for random neighbours."""
    counts = caches.facets(catalogue, ("category",))["category"]
    chance = metrics.chance(counts.values(), among=summary.items)
    if chance is None:
        st.caption("“Same category” needs at least two models with categories.")
        return
    st.caption(
        f"“Same category” is the share of a model’s {metrics.NEIGHBOURS} nearest neighbours that "
        f"have its category: the mean over up to {metrics.QUICK_SAMPLE} random models. By "
        f"chance it would be {chance:.0%}."
    )


def show_map_quality(catalogue: Catalogue) -> None:
    """How well the map preserves nearest neighbours."""
    map_ = map_caches.current_map(catalogue)
    if map_ is None or map_.quality is None:
        return
    quality = map_.quality
    show_figures(
        {
            "Map: trustworthiness": f"{quality.trustworthiness:.2f}",
            "Map: neighbours kept": f"{quality.neighbours_kept:.0%}",
        }
    )
    sampled = quality.sample != len(map_.items)
    sample = f" Both were measured on {quality.sample:,} random models." if sampled else ""
    st.caption(
        "Trustworthiness is 1 if all models that lie close together are neighbours, and about 0.5 "
        "if models are scattered at random. “Neighbours kept” is the share of a model’s "
        f"{quality.neighbours} nearest neighbours that are also its nearest on the map; by chance "
        f"it would be {quality.neighbours / max(1, len(map_.items) - 1):.0%}.{sample}"
    )


navigation.guard()
titles.set_title("How it works")
st.title("How it works", anchor=False)
left, right = st.columns([3, 2], gap="large")
with left:
    st.markdown(HOW)
with right:
    show_numbers(navigation.open_catalogue())
st.caption(CREDITS)
