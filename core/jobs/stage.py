"""The stages of jobs, and what people read for each.

The words are here, and not in an interface: the command line and the pages show the same line
(`status.format_status`), and status files of the first versions hold words in place of the values.
"""

from collections.abc import Mapping
from enum import StrEnum


class Stage(StrEnum):
    """One step of a job. The values are in status files and must not change."""

    STARTING = "starting"
    IMPORTING = "importing"
    PREVIEWING = "previewing"
    UPDATING = "updating"
    WATCHING = "watching"
    DOWNLOADING_DEMO = "downloading-demo"
    CHECKING_FILES = "checking-files"
    RESTORING_THUMBNAILS = "restoring-thumbnails"
    LOOKING_FOR_BLANK = "looking-for-blank"
    LOADING_NETWORK = "loading-network"
    EMBEDDING = "embedding"
    EMBEDDING_VIEWPOINTS = "embedding-viewpoints"
    FITTING = "fitting"
    CUTTING_OUT = "cutting-out"
    FINDING_NEIGHBOURS = "finding-neighbours"
    COMPUTING_LAYOUT = "computing-layout"
    ARRANGING_GRID = "arranging-grid"
    FINDING_CLUSTERS = "finding-clusters"
    MEASURING_MAP = "measuring-map"
    ADDING_TO_MAP = "adding-to-map"
    BUILDING_THUMBNAILS = "building-thumbnails"
    SEARCHING = "searching"
    WRITING_PICTURES = "writing-pictures"
    WRITING_NEIGHBOURS = "writing-neighbours"
    FINDING_CANDIDATES = "finding-candidates"
    READING_THUMBNAILS = "reading-thumbnails"
    FINDING_MIRRORED = "finding-mirrored"
    COMPARING_PICTURES = "comparing-pictures"
    GROUPING = "grouping"
    # The stage of another version of Lookalike; its text is the status's detail.
    OTHER = "other"


LABELS: Mapping[Stage, str] = {
    Stage.STARTING: "Starting",
    Stage.IMPORTING: "Importing",
    Stage.PREVIEWING: "Comparing with the source",
    Stage.UPDATING: "Updating from",
    Stage.WATCHING: "Watching",
    Stage.DOWNLOADING_DEMO: "Downloading the demo catalogue",
    Stage.CHECKING_FILES: "Checking files",
    Stage.RESTORING_THUMBNAILS: "Restoring thumbnails",
    Stage.LOOKING_FOR_BLANK: "Looking for blank pictures",
    Stage.LOADING_NETWORK: "Loading the model",
    Stage.EMBEDDING: "Embedding pictures",
    Stage.EMBEDDING_VIEWPOINTS: "Embedding other viewpoints",
    Stage.FITTING: "Fitting the descriptor",
    Stage.CUTTING_OUT: "Cutting out thumbnails",
    Stage.FINDING_NEIGHBOURS: "Finding nearest neighbours",
    Stage.COMPUTING_LAYOUT: "Computing the map layout",
    Stage.ARRANGING_GRID: "Arranging the grid",
    Stage.FINDING_CLUSTERS: "Finding clusters",
    Stage.MEASURING_MAP: "Measuring the map’s quality",
    Stage.ADDING_TO_MAP: "Adding models to the map",
    Stage.BUILDING_THUMBNAILS: "Building thumbnails for the map",
    Stage.SEARCHING: "Searching",
    Stage.WRITING_PICTURES: "Writing pictures",
    Stage.WRITING_NEIGHBOURS: "Writing neighbours",
    Stage.FINDING_CANDIDATES: "Finding candidates",
    Stage.READING_THUMBNAILS: "Reading thumbnails",
    Stage.FINDING_MIRRORED: "Finding mirrored pictures",
    Stage.COMPARING_PICTURES: "Comparing pictures",
    Stage.GROUPING: "Grouping near-duplicates",
    Stage.OTHER: "",
}

# What the first versions of Lookalike wrote into status files in place of the values.
_EARLIER_LABELS: Mapping[str, Stage] = {
    "Starting": Stage.STARTING,
    "Importing": Stage.IMPORTING,
    "Comparing": Stage.PREVIEWING,
    "Fetching the demo catalogue": Stage.DOWNLOADING_DEMO,
    "Restoring thumbnails": Stage.RESTORING_THUMBNAILS,
    "Loading the network": Stage.LOADING_NETWORK,
    "Looking at pictures": Stage.EMBEDDING,
    "Looking at models from other sides": Stage.EMBEDDING_VIEWPOINTS,
    "Learning what tells these pictures apart": Stage.FITTING,
    "Comparing all models": Stage.FINDING_NEIGHBOURS,
    "Drawing the map": Stage.COMPUTING_LAYOUT,
    "Drawing the grid": Stage.ARRANGING_GRID,
    "Finding clusters": Stage.FINDING_CLUSTERS,
    "Measuring the map": Stage.MEASURING_MAP,
    "Placing models on the map": Stage.ADDING_TO_MAP,
    "Gathering the pictures of the map": Stage.BUILDING_THUMBNAILS,
    "Searching": Stage.SEARCHING,
    "Writing pictures": Stage.WRITING_PICTURES,
    "Writing neighbours": Stage.WRITING_NEIGHBOURS,
    "Looking for neighbours": Stage.FINDING_CANDIDATES,
    "Reading thumbnails": Stage.READING_THUMBNAILS,
    "Looking for mirrored pictures": Stage.FINDING_MIRRORED,
    "Comparing pictures": Stage.COMPARING_PICTURES,
    "Putting groups together": Stage.GROUPING,
}


def describe(stage: Stage, detail: str = "") -> str:
    """Return what people read for a stage, with its detail such as the folder that is watched."""
    return " ".join(filter(None, [LABELS[stage], detail]))


def parse(text: str) -> tuple[Stage, str]:
    """Return the stage and the detail that a status file states.

    `text` is a value of `Stage` or, in a file of the first versions, an English label. Text that
    is neither is shown as it is.
    """
    if text in set(Stage):
        return Stage(text), ""
    if text in _EARLIER_LABELS:
        return _EARLIER_LABELS[text], ""
    for stage in (Stage.WATCHING, Stage.UPDATING):
        label = LABELS[stage] + " "
        if text.startswith(label):
            return stage, text.removeprefix(label)
    return Stage.OTHER, text
