"""Which request of a browser reaches Streamlit when, by real messages."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from components.serving import runs
from components.serving.runs import OneRunAtATime

PAGE, OTHER = "page", "other"
GARBAGE = b"\xff\xff\xff"


def asked(fragment: str = "", *, page: str = PAGE, by: str = "one", back: bool = False) -> Message:
    """Return a browser's request for a fragment, or for the whole page.

    `by` are the ids of the components that have sent something.
    """
    told = BackMsg()
    told.rerun_script.fragment_id = fragment
    told.rerun_script.page_script_hash = page
    told.rerun_script.is_history_navigation = back
    for component in by.split():
        told.rerun_script.widget_states.widgets.add(id=component, json_trigger_value="[1]")
    return {"type": "websocket.receive", "bytes": told.SerializeToString()}


def begun(*fragments: str) -> ForwardMsg:
    told = ForwardMsg()
    told.new_session.page_script_hash = "main"
    told.metadata.run.script_run_id = "run"
    told.metadata.run.fragment_ids.extend(fragments)
    return told


def shown(page: str) -> ForwardMsg:
    told = ForwardMsg()
    told.navigation.page_script_hash = page
    return told


ENDED = ForwardMsg(script_finished=ForwardMsg.FINISHED_SUCCESSFULLY)
ENDED_EARLY = ForwardMsg(script_finished=ForwardMsg.FINISHED_EARLY_FOR_RERUN)


class Connection:
    """A connection between a browser and Streamlit, whose messages a test sends itself."""

    def __init__(self) -> None:
        self.browser: asyncio.Queue[Message] = asyncio.Queue()
        # The fragments that Streamlit was asked for, "" for the whole page, or what else it got.
        self.received: list[str] = []
        self.requests: list[BackMsg] = []
        self.shown: list[Message] = []
        self.send: Send | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.send = send
        while (message := await receive())["type"] != "websocket.disconnect":
            if message["bytes"] == GARBAGE:
                self.received.append("garbage")
                continue
            told = BackMsg.FromString(message["bytes"])
            self.requests.append(told)
            rerun = told.rerun_script.fragment_id if told.HasField("rerun_script") else None
            self.received.append(str(told.WhichOneof("type")) if rerun is None else rerun)

    async def ask(self, *messages: Message) -> None:
        for message in messages:
            self.browser.put_nowait(message)
        await settled()

    async def tell(self, *messages: ForwardMsg) -> None:
        assert self.send
        for message in messages:
            await self.send({"type": "websocket.send", "bytes": message.SerializeToString()})
        await settled()

    async def show(self, message: Message) -> None:
        self.shown.append(message)


async def settled() -> None:
    """Wait until nothing is left to do but to wait for messages."""
    for _ in range(20):
        await asyncio.sleep(0)


def connected(use: Callable[[Connection], Awaitable[None]]) -> Connection:
    """Use a connection on which a page is shown, and return it."""

    async def serve() -> Connection:
        connection = Connection()
        app = OneRunAtATime(connection)
        task = asyncio.ensure_future(
            app({"type": "websocket"}, connection.browser.get, connection.show)
        )
        await connection.ask(asked(by=""))
        await connection.tell(begun(), shown(PAGE), ENDED)
        await use(connection)
        await connection.ask({"type": "websocket.disconnect"})
        await asyncio.wait_for(task, 5)
        return connection

    # Not in this thread, in which the browser of earlier tests leaves a loop running.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, serve()).result()


def test_fragment_waits_until_the_run_before_it_has_sent_its_end() -> None:
    async def use(connection: Connection) -> None:
        await connection.ask(asked("a"), asked("b"))
        assert connection.received == ["", "a"]
        await connection.tell(begun("a"))
        assert connection.received == ["", "a"]
        await connection.tell(ENDED)
        assert connection.received == ["", "a", "b"]

    connection = connected(use)

    assert len(connection.shown) == 5


def test_fragment_waits_until_the_page_that_runs_again_has_ended() -> None:
    async def use(connection: Connection) -> None:
        await connection.ask(asked("a"))
        await connection.tell(begun("a"))
        await connection.ask(asked("b"))
        await connection.tell(ENDED_EARLY, begun())
        assert connection.received == ["", "a"]
        await connection.tell(ENDED)

    assert connected(use).received == ["", "a", "b"]


def test_whole_page_goes_through_at_once_and_fragments_wait_for_its_end() -> None:
    async def use(connection: Connection) -> None:
        await connection.ask(asked("a"))
        await connection.tell(begun("a"))
        await connection.ask(asked(), asked("b"))
        assert connection.received == ["", "a", ""]
        # What the fragment's run had left to send comes before the page's.
        await connection.tell(begun("a"), ENDED)
        assert connection.received == ["", "a", ""]
        await connection.tell(begun(), ENDED)

    assert connected(use).received == ["", "a", "", "b"]


def test_what_was_asked_for_on_a_page_that_is_left_goes_nowhere() -> None:
    async def use(connection: Connection) -> None:
        await connection.ask(asked("a"))
        await connection.tell(begun("a"))
        await connection.ask(asked("b"), asked(page=OTHER), asked("c"), asked("d", by="one two"))
        await connection.tell(begun(), shown(OTHER), ENDED)
        await connection.ask(asked("e"), asked("f", page=OTHER))

    assert connected(use).received == ["", "a", "", "f"]


def test_back_forgets_what_was_asked_for_before_it() -> None:
    async def use(connection: Connection) -> None:
        await connection.ask(asked("a"))
        await connection.tell(begun("a"))
        await connection.ask(asked("b"), asked(back=True))
        await connection.tell(begun(), ENDED)

    assert connected(use).received == ["", "a", ""]


def test_whole_page_runs_for_fragments_that_are_asked_for_in_one_message() -> None:
    async def use(connection: Connection) -> None:
        await connection.ask(asked("a", by="one two"))
        await connection.tell(begun(), ENDED)

    assert connected(use).received == ["", ""]


def test_request_that_begins_no_run_holds_up_others_for_a_while_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runs, "PATIENCE", 0.01)

    async def use(connection: Connection) -> None:
        await connection.ask(asked("gone"), asked("b"))
        while len(connection.received) < 3:
            await asyncio.sleep(0.01)

    assert connected(use).received == ["", "gone", "b"]


def test_what_is_asked_for_again_while_it_waits_runs_once_with_all_that_was_sent() -> None:
    async def use(connection: Connection) -> None:
        await connection.ask(asked("a"), asked("b", by="pad"), asked("c"), asked("b", by="list"))
        await connection.ask(asked("b", by="pad"))
        for fragment in "abc":
            await connection.tell(begun(fragment), ENDED)

    connection = connected(use)

    assert connection.received == ["", "a", "b", "c"]
    sent = connection.requests[2].rerun_script.widget_states.widgets
    assert sorted(each.id for each in sent) == ["list", "pad"]


def test_what_asks_for_no_run_is_never_held_back() -> None:
    heartbeat = {
        "type": "websocket.receive",
        "bytes": BackMsg(app_heartbeat=True).SerializeToString(),
    }

    async def use(connection: Connection) -> None:
        await connection.ask(asked("a"), asked("b"), heartbeat)

    assert connected(use).received == ["", "a", "app_heartbeat"]


def test_what_is_no_message_is_left_to_streamlit() -> None:
    async def use(connection: Connection) -> None:
        await connection.ask(asked("a"), {"type": "websocket.receive", "bytes": GARBAGE})

    assert connected(use).received == ["", "a", "garbage"]


def test_connection_ends_while_something_is_held_back() -> None:
    async def use(connection: Connection) -> None:
        await connection.ask(asked("a"), asked("b"))

    assert connected(use).received == ["", "a"]


def test_requests_for_files_are_left_alone() -> None:
    calls: list[tuple[Any, ...]] = []

    async def answer(*arguments: Any) -> None:
        calls.append(arguments)

    arguments: tuple[Any, ...] = ({"type": "http"}, object(), object())
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, OneRunAtATime(answer)(*arguments)).result()

    assert calls == [arguments]
