"""Middleware that lets a session run one fragment at a time, so that no run's messages are lost.

Streamlit 1.67 takes the request for a fragment while another run is under way, and then loses some
of what that run has yet to send:

- If the run has ended, but its messages are still on their way from its thread to the server's
  loop, a new runner takes its place. `AppSession` ignores the messages of all runners but one.
- If it was the run of a fragment, "it has ended" becomes "it makes way for another run" while it
  waits to be sent (`ForwardMsgQueue.clear`). The browser then keeps what the fragment no longer
  shows.

With three browsers on two cores and a bar that asks once a second for the progress of a job, 14 of
270 clicks on a model left the gallery below the model. Held back until the run before has sent its
end, no request does that.

And of two components of different fragments that send something at once, Streamlit runs the
fragment of one: its browser tells the server one fragment for both. The whole page runs instead.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from google.protobuf.message import DecodeError
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

# Seconds after which a request that has begun no run is taken for one that Streamlit ignores, such
# as one for a fragment that is gone. As a rule a run begins after 10 ms.
PATIENCE = 3.0
# Bytes of the longest message that can say that a run begins or ends; as a rule they have 1,000.
LONGEST = 20_000


class _State(Enum):
    IDLE = auto()
    # A run of the whole page, or of a fragment, was asked for, and has not begun.
    PAGE_REQUESTED = auto()
    FRAGMENT_REQUESTED = auto()
    RUNNING = auto()


@dataclass(frozen=True, slots=True)
class OneRunAtATime:
    """Holds back what asks for a fragment until the run before it has sent all of its messages.

    A request for the whole page goes through at once: Streamlit stops what runs, and shows all
    anew. What asks for a fragment of another page than the one that is shown goes nowhere: the
    browser sent it before it knew that it had left that page.
    """

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        session = _Session(receive, send)
        try:
            await self.app(scope, session.receive, session.send)
        finally:
            session.close()


@dataclass(slots=True)
class _Session:
    """What is under way on one connection."""

    next_message: Receive
    pass_on: Send
    state: _State = _State.IDLE
    # The hash of the page that is shown or was asked for; "" before the first run has begun.
    page: str = ""
    held: deque[Message] = field(default_factory=deque)
    # What has been waited for since before the last message, while others were held back.
    incoming: asyncio.Future[Message] | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def close(self) -> None:
        if self.incoming is not None:
            self.incoming.cancel()

    async def receive(self) -> Message:
        """Return the next message that Streamlit is to have."""
        while True:
            if self.held and self.state is _State.IDLE:
                message = self.held.popleft()
                if self._is_of_page(_request(message)):
                    self.state = _State.FRAGMENT_REQUESTED
                    return message
                continue
            arrived = await self._arrived()
            if arrived is None:
                continue
            request = _request(arrived)
            if request is None:
                return arrived
            if not request.fragment_id:
                if request.is_history_navigation:
                    # It was asked on what is left now.
                    self.held.clear()
                self.page = request.page_script_hash or self.page
                self.state = _State.PAGE_REQUESTED
                return arrived
            if not self._is_of_page(request):
                continue
            if _is_of_several(request):
                self.state = _State.PAGE_REQUESTED
                return _of_whole_page(arrived)
            self._hold(arrived, request)

    async def send(self, message: Message) -> None:
        """Send a message to the browser, and note whether a run begins or ends with it."""
        await self.pass_on(message)
        data = message.get("bytes")
        if not data or len(data) > LONGEST:
            return
        told = ForwardMsg.FromString(data)
        if told.HasField("new_session"):
            if self.state is _State.PAGE_REQUESTED and told.metadata.run.fragment_ids:
                # The run of a fragment that the page's run puts an end to.
                return
            self.state = _State.RUNNING
        elif page := told.navigation.page_script_hash:
            self.page = page
        elif told.HasField("script_finished"):
            is_end = told.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
            if is_end and self.state is _State.RUNNING:
                self.state = _State.IDLE
                self.ended.set()

    async def _arrived(self) -> Message | None:
        """Return the next message of the browser, or None if what is held back may go on."""
        if self.incoming is None:
            self.incoming = asyncio.ensure_future(self.next_message())
        if self.held:
            self.ended.clear()
            end = asyncio.ensure_future(self.ended.wait())
            has_begun = self.state is _State.RUNNING
            waited_for: set[asyncio.Future[Any]] = {self.incoming, end}
            done, _ = await asyncio.wait(
                waited_for,
                timeout=None if has_begun else PATIENCE,
                return_when=asyncio.FIRST_COMPLETED,
            )
            end.cancel()
            if not done and self.state is not _State.RUNNING:
                self.state = _State.IDLE
            if self.incoming not in done:
                return None
        message = await self.incoming
        self.incoming = None
        return message

    def _hold(self, message: Message, request: ClientState) -> None:
        """Hold back a request; of two for one fragment, one that says what both say."""
        for number, held in enumerate(self.held):
            older = _request(held)
            if older is not None and older.fragment_id == request.fragment_id:
                self.held[number] = _merged(older, message)
                return
        self.held.append(message)

    def _is_of_page(self, request: ClientState | None) -> bool:
        page = request.page_script_hash if request is not None else ""
        return not page or not self.page or page == self.page


def _request(message: Message) -> ClientState | None:
    """Return what a message of the browser asks to run, if it does."""
    data = message.get("bytes")
    if message["type"] != "websocket.receive" or not data:
        return None
    try:
        asked = BackMsg.FromString(data)
    except DecodeError:
        # Streamlit ends the connection.
        return None
    return asked.rerun_script if asked.HasField("rerun_script") else None


def _is_of_several(request: ClientState) -> bool:
    """Return whether more than one component has sent something that is not a state of it."""
    widgets = request.widget_states.widgets
    return [each.WhichOneof("value") for each in widgets].count("json_trigger_value") > 1


def _merged(older: ClientState, message: Message) -> Message:
    """Return a request with what other components have sent with the one before it.

    What one component sends twice counts once, as Streamlit has it: of two drawings the newer.
    """
    asked = BackMsg.FromString(message["bytes"])
    widgets = asked.rerun_script.widget_states.widgets
    known = {each.id for each in widgets}
    sent = (each for each in older.widget_states.widgets if each.HasField("json_trigger_value"))
    widgets.extend(each for each in sent if each.id not in known)
    return {**message, "bytes": asked.SerializeToString()}


def _of_whole_page(message: Message) -> Message:
    """Return a request for the whole page in place of one for a fragment of it."""
    asked = BackMsg.FromString(message["bytes"])
    asked.rerun_script.fragment_id = ""
    return {**message, "bytes": asked.SerializeToString()}
