"""The pages of the app, declared once, and the bar that links to them."""

from collections import Counter
from collections.abc import Callable, Sequence
from html import escape
from urllib.parse import urlencode

import streamlit as st
from streamlit.navigation.page import StreamlitPage
from streamlit.runtime.scriptrunner import get_script_run_ctx

from components.shared import links, page_errors, running_jobs, titles, url_state
from components.shared.session import new_search_number, session
from components.widgets.jump import jump
from components.widgets.page_history import IN_APP, page_history
from core.catalogue import Catalogue, UnknownCatalogue, names
from core.errors import LookalikeError

# The catalogue that is shown if the URL names none, unless it has no models.
FIRST = "fluent"
# The name of the page that has none in the URL. Streamlit would call it "explore", which is a page
# of its own for those who ask for it.
_DEFAULT_PATH = "-"
# The parameter of the URL that says which search of the session a page shows.
SEARCH_NUMBER = "search"
# The parameter that says with what a new search begins, if not with the sketch pad, and its value.
BEGIN, PICTURE = "begin", "picture"


def pages() -> dict[str, StreamlitPage]:
    """Return the pages, by name."""
    return {
        "explore": st.Page(
            "pages/explore.py", title="Explore", default=True, url_path=_DEFAULT_PATH
        ),
        "search": st.Page("pages/search.py", title="Search"),
        "map": st.Page("pages/map.py", title="Map"),
        "catalogues": st.Page("pages/catalogues.py", title="Catalogues"),
        "about": st.Page("pages/about.py", title="About"),
    }


_NOT_FOUND = "Page not found"
# The pages that the bar shows behind "More".
_MORE = ("catalogues", "about")
# The names of the pages' icons in Streamlit's font of symbols.
_SYMBOLS = {
    "explore": "grid_view",
    "search": "image_search",
    "map": "scatter_plot",
    "catalogues": "inventory_2",
    "about": "info",
}


def guard() -> None:
    """Call this in the first line of every page.

    Until main.py has run once, a fresh server treats the folder pages/ as an app of its own, and
    would show a page without the bar.
    """
    if not session.app_has_run:
        _navigation()
        st.rerun()


def run(*, show_search_box: Callable[[], None]) -> None:
    """Show the bar, in its middle what `show_search_box` shows, and run the page of the URL."""
    session.app_has_run = True
    page = _navigation()
    if page.url_path == "search":
        # Back may lead to a search before the present one; the bar links to the one that is shown.
        session.resume_search(
            url_state.text(SEARCH_NUMBER), keeps_drawing=url_state.text(BEGIN) != PICTURE
        )
    if page.url_path != "catalogues":
        # Back, or a link in one, has closed the dialogs.
        del session.catalogue_dialog, session.import_is_open
    with st.container(key="bar"):
        st.html(_brand())
        # Links outside of widgets come first: "Skip to main content" is to be followed by one.
        st.html(_links(page))
        st.html(_catalogue())
        with st.container(key="bar-search", gap=None):
            show_search_box()
        with st.container(key="bar-jobs"):
            running_jobs.show(url("catalogues"))
    page_history(key="page-history")
    with page_errors.reported():
        page.run()


def _navigation() -> StreamlitPage:
    return st.navigation([*pages().values(), *_unknown_page()], position="hidden")


def _unknown_page() -> list[StreamlitPage]:
    """Return a page of the name that the URL asks for, if there is none: Explore, or a message.

    For a page that is not declared, Streamlit opens a dialog above the default one.
    """
    key = "unknown-page"
    # The URL alone does not tell: in front of the page's name, a proxy may have put a path.
    context = get_script_run_ctx()
    name = "" if context is None else context.pages_manager.intended_page_name or ""
    if name and name not in [_DEFAULT_PATH, *(page.url_path for page in pages().values())]:
        st.session_state[key] = name
    if not (unknown := st.session_state.get(key, "")):
        return []
    if unknown == "explore":
        return [st.Page("pages/explore.py", title="Explore", url_path=unknown)]

    def show() -> None:
        titles.set_title(_NOT_FOUND)
        st.title(_NOT_FOUND, anchor=False)
        shown = unknown if len(unknown) <= 40 else f"{unknown[:40]}…"
        st.markdown(f"There is no page “{url_state.escape_markdown(shown)}”.")
        links.row([links.Link("Go to Explore", url("explore"), _SYMBOLS["explore"])])

    return [st.Page(show, title=_NOT_FOUND, url_path=unknown)]


def url(page: str, **parameters: str) -> str:
    """Return the URL of a page of the same catalogue, relative to any page."""
    search = {SEARCH_NUMBER: session.search_number} if page == "search" else {}
    query = urlencode(_shared_parameters() | _non_empty(search) | parameters)
    # Every page is a name in the same folder; that of the default page is empty.
    return f"./{pages()[page].url_path}{query and f'?{query}'}"


def sketch_pad_url() -> str:
    """Return the URL of a search with the sketch pad, whatever is searched with now.

    No search has its number yet: see `Session.resume_search`.
    """
    return url("search", **{SEARCH_NUMBER: new_search_number()})


def picture_url() -> str:
    """Return the URL of a search that begins with a picture, whatever is searched with now."""
    return url("search", **{SEARCH_NUMBER: new_search_number(), BEGIN: PICTURE})


def link_to(page: str, **parameters: str) -> None:
    """Go to another page of the same catalogue. Only in callbacks.

    The page that is left must call `leave_if_asked`.
    """
    session.destination = url(page, **parameters)


def leave_if_asked() -> None:
    """Go where a callback has linked to. Call this in the first line of what a callback runs.

    The page is drawn meanwhile, as it was, so that nothing flashes.
    """
    destination = session.destination
    if destination:
        del session.destination
    jump(destination, key="jump")


def current() -> str | None:
    """Return the name of the catalogue to show, or None if there are no catalogues."""
    if named := url_state.text("catalogue"):
        return named
    # The first one comes first.
    known = sorted(names(), key=lambda name: name != FIRST)
    return next(filter(_has_models, known), known[0] if known else None)


def _has_models(name: str) -> bool:
    try:
        return bool(Catalogue(name).items.newest(1))
    except LookalikeError:
        return False


def open_catalogue(*, heading: str = "") -> Catalogue:
    """Return the catalogue to show; if it cannot be opened, say why and stop the page.

    `heading` is what the page is then called by screen readers, if it shows no title itself.
    """
    name = current()
    if name is None:
        _show_unseen(heading)
        st.info(
            "There are no catalogues yet. Create one on the Catalogues page.",
            icon=":material/inventory_2:",
        )
        links.row([_link_to_catalogues("Go to Catalogues")])
        st.stop()
    try:
        return Catalogue(name)
    except UnknownCatalogue:
        _show_unseen(heading)
        shown = url_state.escape_markdown(name)
        st.error(f"There is no catalogue “{shown}”.", icon=":material/error:")
        known = catalogue_labels(names())
        ways = [links.Link(label, _in_catalogue(one)) for one, label in known.items()]
        links.row([*ways, _link_to_catalogues("See all catalogues")])
        st.stop()
    except LookalikeError as error:
        _show_unseen(heading)
        st.error(url_state.escape_markdown(str(error)), icon=":material/error:")
        links.row([_link_to_catalogues("See all catalogues")])
        st.stop()


def _show_unseen(heading: str) -> None:
    if heading:
        titles.unseen_heading(heading)


def _link_to_catalogues(label: str) -> links.Link:
    """Return a link to the page Catalogues, which needs no catalogue."""
    return links.Link(label, f"./{pages()['catalogues'].url_path}", "inventory_2")


def _brand() -> str:
    """Return the name of the app as a link to Explore, as HTML."""
    href = escape(url("explore"))
    icon = '<img src="app/static/icon.png" alt="">'
    return f'<a class="brand {IN_APP}" href="{href}">{icon}<span>Lookalike</span></a>'


def _links(current_page: StreamlitPage) -> str:
    """Return the links to the pages as HTML, the last ones in a menu.

    Not `st.page_link`: to the page that is shown it leaves the URL as it is, and to the default
    page its URL, for a new tab, is that of the page that is shown.
    """
    shown: list[str] = []
    hidden: list[str] = []
    for name, target in pages().items():
        current = ' aria-current="page"' if target.title == current_page.title else ""
        icon = links.icon(_SYMBOLS[name])
        href = escape(url(name))
        link = f'<a class="{IN_APP}" href="{href}"{current}>{icon}{target.title}</a>'
        (hidden if name in _MORE else shown).append(link)
    # The browser opens, places above all and closes what is a popover.
    icon = links.icon("more_horiz")
    more = f'<button type="button" popovertarget="more-pages">{icon}More</button>'
    menu = f'<div id="more-pages" class="menu" popover>{"".join(hidden)}</div>'
    return f'<nav aria-label="Pages">{"".join(shown)}{more}{menu}</nav>'


def _shared_parameters() -> dict[str, str]:
    """Return the parameters of the URL that every page shares."""
    return _non_empty({"catalogue": url_state.text("catalogue")})


def _non_empty(parameters: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in parameters.items() if value}


def _catalogue() -> str:
    """Return which catalogue is open as HTML, with a menu of links to all, if there are several.

    Not `st.selectbox`, for which a browser would fetch 21 scripts.
    """
    labels = catalogue_labels(names())
    open_name = current()
    shown = escape(labels.get(open_name or "", "Choose a catalogue" if len(labels) > 1 else ""))
    if len(labels) < 2:
        return f'<div class="catalogue"><span dir="auto">{shown}</span></div>'
    links_to_all: list[str] = []
    for name, label in labels.items():
        href = escape(_in_catalogue(name))
        is_open = ' aria-current="true"' if name == open_name else ""
        inside = f'<span dir="auto">{escape(label)}</span>'
        links_to_all.append(f'<a class="{IN_APP}" href="{href}"{is_open}>{inside}</a>')
    return (
        '<div class="catalogue"><button type="button" popovertarget="catalogues" '
        f'aria-label="Catalogue: {shown}" title="{shown}"><span dir="auto">{shown}</span>'
        f"{links.icon('expand_more')}</button>"
        f'<div id="catalogues" class="menu" popover>{"".join(links_to_all)}</div></div>'
    )


def _in_catalogue(name: str) -> str:
    """Return the URL of this page in another catalogue."""
    kept = _non_empty({SEARCH_NUMBER: url_state.text(SEARCH_NUMBER)})
    return f"?{urlencode({'catalogue': name} | kept)}"


def catalogue_labels(names: Sequence[str]) -> dict[str, str]:
    """Return the label of each catalogue: its title, and its name if others share the title."""
    titles = {name: _title(name) for name in names}
    shared = Counter(titles.values())
    return {
        name: f"{title} ({name})" if shared[title] > 1 else title for name, title in titles.items()
    }


def _title(name: str) -> str:
    try:
        return Catalogue(name).title
    except LookalikeError:
        return f"{name} (cannot be opened)"
