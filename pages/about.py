"""About: how it works, in plain words, with the catalogue's own figures."""

import streamlit as st

from components.map import caches as map_caches
from components.shared import caches, controls, navigation, url_state
from core.catalogue import Catalogue, Summary
from core.errors import LookalikeError
from core.evaluation import metrics

HOW = """
**A picture becomes numbers.** Every model's thumbnail goes through VGG16, a network that was
trained to name what is in photographs. Its last layers, which do the naming, are cut off; what
remains describes shapes and textures, and where they are.

**Alike means a small angle.** The numbers of two pictures are two arrows. The *score* is the
cosine of the angle between them: 1.00 is the same picture, 0 is nothing in common. Scores order
the answers to one question; they do not compare across questions.

**Two descriptors.** *2016 recipe* is the method as it was published: the whole thumbnail, 25,088
numbers. *Lookalike*, the default, looks at the object without the space around it and evens out
strong features. It keeps at most 512 numbers to compare models with each other, and 512 to
compare them with pictures and drawings: for these it makes a line drawing of every model and
learns to look past what tells a model from its own drawing. Your picture is compared as it is and
mirrored, for a drawing may look either way.

**Standing out.** No score means the same for two questions. Beside it stands how many standard
deviations (σ) it lies above the middle of all scores for this question. A lookalike fades where
the best of as many models would reach that by chance.

**Why they match.** A score is a sum over places in the picture. *Why?* shows which places made it.

**The map** puts models with close neighbours close together (UMAP). Distances far across the
map mean little; what lies together does. Where models lie close to each other they are a
*cluster* (HDBSCAN), named by the words that its models have and others do not; its landmark is
its most central model. The *grid* gives each model a cell of its own, as near to its place on the
map as can be had for all.
"""

CREDITS = """
VGG16: Karen Simonyan and Andrew Zisserman, Visual Geometry Group, Oxford, 2014; weights
CC BY 4.0. The 2016 recipe: Ethan Rosenthal, *Recasketch*. UMAP: Leland McInnes, John Healy and
James Melville, 2018. HDBSCAN: Ricardo Campello, Davoud Moulavi and Joerg Sander, 2013. Demo:
Fluent emoji, Microsoft, MIT; names and groups from emojibase, MIT. What drawings have in common
was learned from icons by Streamline, CC BY 4.0. 3D files: read by trimesh, MIT, rendered with
Intel's Embree, Apache 2.0, turned in Google's model-viewer, Apache 2.0.
"""


def figures(catalogue: Catalogue) -> None:
    """What this catalogue holds, and how well its neighbours agree with its categories."""
    summary = catalogue.summary()
    st.subheader(f"{url_state.escape_markdown(catalogue.title)} in numbers", anchor=False)
    generation = summary.revision
    numbers = {
        "Models": f"{summary.items:,}",
        "Categories": f"{summary.categories:,}",
        "On the map": f"{summary.mapped:,}",
        "On disk": f"{summary.bytes / 1e6:,.0f} MB",
    }
    left, right = st.columns(2)
    for number, (name, value) in enumerate(numbers.items()):
        (left, right)[number % 2].metric(name, value, border=True)
    rows = []
    for descriptor, words in controls.DESCRIPTORS.items():
        try:
            index = caches.index(catalogue.name, generation, descriptor)
        except LookalikeError:
            continue
        if not len(index):
            continue
        agreement = caches.agreement(catalogue.name, generation, descriptor)
        rows.append(
            {
                "Descriptor": words,
                "Models": f"{len(index):,}",
                "Numbers": f"{index.dimensions:,}",
                "Same category": "–" if agreement is None else f"{agreement:.0%}",
            }
        )
    if not rows:
        return
    st.table(rows)
    agreement_by_chance(catalogue, summary)
    map_quality(catalogue, generation)


def agreement_by_chance(catalogue: Catalogue, summary: Summary) -> None:
    """What the share of one category would be if neighbours were drawn by lot."""
    generation = summary.revision
    sizes = caches.facet(catalogue.name, generation, "category")
    chance = metrics.chance(sizes.values(), among=summary.items)
    if chance is None:
        st.caption(
            "How many neighbours share a category can be told of two models or more, where they "
            "have categories."
        )
        return
    st.caption(
        f"Of the {metrics.NEIGHBOURS} nearest neighbours of a model, how many share its "
        f"category: the mean over up to {caches.AGREEMENT_SAMPLE} models drawn by lot. By chance "
        f"it would be {chance:.0%}."
    )


def map_quality(catalogue: Catalogue, generation: int) -> None:
    """How far the stored map can be trusted."""
    chart = map_caches.current_map(catalogue.name, generation)
    if chart is None or chart.quality is None:
        return
    quality = chart.quality
    left, right = st.columns(2)
    left.metric("Map: trustworthiness", f"{quality.trustworthiness:.2f}", border=True)
    right.metric("Map: neighbours kept", f"{quality.neighbours_kept:.0%}", border=True)
    by_lot = "" if quality.sample == len(chart.items) else f", for {quality.sample:,} drawn by lot"
    st.caption(
        f"Trustworthiness is 1 where all that lie together are neighbours, and about 0.5 if models "
        f"were strewn. Kept is the share of a model’s {quality.neighbours} nearest neighbours that "
        f"are also its nearest on the map; by chance it would be "
        f"{quality.neighbours / max(1, len(chart.items) - 1):.0%}{by_lot}."
    )


navigation.guard()
st.title("How it works", anchor=False)
left, right = st.columns([3, 2], gap="large")
with left:
    st.markdown(HOW)
with right:
    figures(navigation.open_catalogue())
st.caption(CREDITS)
