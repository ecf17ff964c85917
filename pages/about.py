"""About: how it works, in plain words, with the catalogue's own figures."""

import streamlit as st

from components import address, cached, navigation
from core.catalogue import Catalogue
from core.descriptors import COMPACT, PUBLISHED
from core.errors import LookalikeError

HOW = """
**A picture becomes numbers.** Every model's thumbnail goes through VGG16, a network that was
trained to name what is in photographs. Its last layers, which do the naming, are cut off; what
remains describes shapes and textures, and where they are.

**Alike means a small angle.** The numbers of two pictures are two arrows. The *score* is the
cosine of the angle between them: 1.00 is the same picture, 0 is nothing in common. Scores order
the answers to one question; they do not compare across questions.

**Two descriptors.** *2016 recipe* is the method as it was published: the whole thumbnail, 25,088
numbers. *Lookalike*, the default, looks at the object without the space around it, evens out
strong features, leaves out what all pictures of the catalogue share, and keeps at most 512
numbers. It knows drawings from photos, and compares a drawing without what all drawings share.

**The map** puts models with close neighbours close together (UMAP). Distances far across the
map mean little; what lies together does.
"""

CREDITS = """
VGG16: Karen Simonyan and Andrew Zisserman, Visual Geometry Group, Oxford, 2014; weights
CC BY 4.0. The 2016 recipe: Ethan Rosenthal, *Recasketch*. UMAP: Leland McInnes, John Healy and
James Melville, 2018. Demo: Fluent emoji, Microsoft, MIT; names and groups from emojibase, MIT.
"""


def figures(catalogue: Catalogue) -> None:
    """What this catalogue holds, and how well its neighbours agree with its categories."""
    summary = catalogue.summary()
    st.subheader(f"{address.plain(catalogue.title)} in numbers", anchor=False)
    generation = summary.generation
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
    for descriptor, words in ((COMPACT, "Lookalike"), (PUBLISHED, "2016 recipe")):
        try:
            index = cached.index(catalogue.name, generation, descriptor)
        except LookalikeError:
            continue
        if not len(index):
            continue
        agreement = cached.agreement(catalogue.name, generation, descriptor)
        rows.append(
            {
                "Descriptor": words,
                "Models": f"{len(index):,}",
                "Numbers": f"{index.dimensions:,}",
                "Same category": "–" if agreement is None else f"{agreement:.0%}",
            }
        )
    if rows:
        st.table(rows)
        st.caption(
            "Of the 9 nearest neighbours of a model, how many share its category: "
            f"the mean over up to {cached.AGREEMENT_SAMPLE} models drawn by lot. By chance it "
            f"would be {chance(catalogue):.0%}."
        )


def chance(catalogue: Catalogue) -> float:
    """How often two models drawn by lot share a category."""
    sizes = cached.categories(catalogue.name, catalogue.generation)
    total = sum(sizes.values())
    return sum((size / total) ** 2 for size in sizes.values()) if total else 0.0


navigation.guard()
st.title("How it works", anchor=False)
left, right = st.columns([3, 2], gap="large")
with left:
    st.markdown(HOW)
with right:
    figures(navigation.open_catalogue())
st.caption(CREDITS)
