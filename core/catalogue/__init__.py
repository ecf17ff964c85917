"""Catalogues on disk: items, pictures, vectors, maps, collections and imports."""

from core.catalogue.catalogue import Catalogue, check_name, job_files, names, status_files
from core.catalogue.database import STORES, Store
from core.catalogue.errors import CatalogueError, UnknownCatalogue, UnknownItem, WrongVersion
from core.catalogue.filters import FACETS, Facet, Filters
from core.catalogue.item import Item, item_id
from core.catalogue.map_store import MAX_CLUSTER_NAME, Cluster, Map, MapQuality
from core.catalogue.mask_store import CHOICES, Choice, StoredMask
from core.catalogue.picture_store import DamagedItem
from core.catalogue.records import (
    CutOutThumbnail,
    Damage,
    Failure,
    ImportCounts,
    ImportRun,
    KnownItem,
    PassedOver,
    Picture,
    SourceRecord,
    Summary,
    merge_passed_over,
)
from core.catalogue.vector_store import Vectors

__all__ = [
    "CHOICES",
    "FACETS",
    "MAX_CLUSTER_NAME",
    "STORES",
    "Catalogue",
    "CatalogueError",
    "Choice",
    "Cluster",
    "CutOutThumbnail",
    "Damage",
    "DamagedItem",
    "Facet",
    "Failure",
    "Filters",
    "ImportCounts",
    "ImportRun",
    "Item",
    "KnownItem",
    "Map",
    "MapQuality",
    "PassedOver",
    "Picture",
    "SourceRecord",
    "Store",
    "StoredMask",
    "Summary",
    "UnknownCatalogue",
    "UnknownItem",
    "Vectors",
    "WrongVersion",
    "check_name",
    "item_id",
    "job_files",
    "merge_passed_over",
    "names",
    "status_files",
]
