"""Hands the events of jobs to everybody who follows them: one task asks the database, however many follow.

A follower costs a queue and no thread: two hundred of them make one query a quarter of a second, one more for every job
of which there is news, and one a second for their tokens.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool

from app.asgi.known_tokens import KnownTokens
from app.services.places import Places
from worker.contract import Event, JobStore, StoreUnavailable, TokenStore

log = logging.getLogger("mho.app")

POLL_SECONDS = 0.25
"""Seconds between two queries of the database while anybody follows."""

SILENCE_SECONDS = 15.0
"""Seconds without news after which a follower gets None, so that it can see whether its client is still there."""

BEHIND = 2000
"""Events that wait for a follower that does not take them; then it is let go, and its client comes again."""

MOST_FOLLOWERS = 1000
"""Followers that one server process has at once, at most."""

MOST_OF_ONE = 300
"""Followers with one token, among `MOST_FOLLOWERS`."""


@dataclass(eq=False)
class _Follower:
    """Client that follows a job.

    Attributes:
        token_id: of the token that it came with; empty where the service has none.
        queue: what is new; None at its end lets it go.
    """

    token_id: str
    queue: asyncio.Queue[Event | None]

    def let_go(self) -> None:
        """End it, whatever still waits for it."""
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(None)


@dataclass
class _Topic:
    """A job that somebody follows.

    Attributes:
        last: id of the newest event that its followers were given, or know.
        seen: the database had an event of it: where it has none any more, the job is gone.
    """

    last: int
    seen: bool = False
    followers: set[_Follower] = field(default_factory=set)


class EventHub:
    """Follows jobs for any number of clients.

    Args:
        jobs: where the events are.
        tokens: says who of those that follow still may.
        known: says for how long a look-up of a token is trusted.

    Attributes:
        places: one for each follower, to be taken before it is answered.
        silence_seconds: time without news after which a follower gets None, s.
        behind: events that wait for a follower at most.
    """

    def __init__(self, jobs: JobStore, tokens: TokenStore, known: KnownTokens) -> None:
        self.places = Places(MOST_FOLLOWERS, MOST_OF_ONE)
        self.silence_seconds = SILENCE_SECONDS
        self.behind = BEHIND
        self._known = known
        self._jobs = jobs
        self._tokens = tokens
        self._tokens_checked = -math.inf
        self._topics: dict[str, _Topic] = {}
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def followers(self) -> int:
        """Number of clients that follow now."""
        return sum(len(topic.followers) for topic in self._topics.values())

    async def follow(self, job_id: str, after: int, token_id: str = "") -> AsyncGenerator[Event | None]:
        """The events of a job after `after`, those of the past at once and the others as they come.

        Args:
            job_id: a job that exists.
            after: id of an event of this job, not above its newest; 0 for all of them.
            token_id: of the token that it is followed with; empty where the service has none.

        Yields:
            Each event once, in order, the final one last; None where there was no news for `silence_seconds`. It ends
            without a final event where the job is removed, the server stops, the client is too slow, or the token is
            not good any more.
        """
        mine = _Follower(token_id, asyncio.Queue(self.behind))
        topic = self._topics.setdefault(job_id, _Topic(after))
        # Before the past is read: what is written meanwhile comes twice rather than never.
        topic.followers.add(mine)
        self._start()
        try:
            while page := await run_in_threadpool(self._jobs.events, job_id, after):
                for event in page:
                    after = event.id
                    yield event
                    if event.final:
                        return
            while not self._closed:
                try:
                    news = await asyncio.wait_for(mine.queue.get(), self.silence_seconds)
                except TimeoutError:
                    yield None
                    continue
                if news is None:
                    return
                if news.id > after:
                    after = news.id
                    yield news
                    if news.final:
                        return
        finally:
            topic.followers.discard(mine)
            if not topic.followers and self._topics.get(job_id) is topic:
                del self._topics[job_id]

    def close(self) -> None:
        """End every follower; later ones end after the events of the past."""
        self._closed = True
        for follower in self._all_followers():
            follower.let_go()

    def _all_followers(self) -> tuple[_Follower, ...]:
        return tuple(follower for topic in self._topics.values() for follower in topic.followers)

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._poll(), name="mho-event-hub")

    async def _poll(self) -> None:
        """Query the database for news until there is no follower."""
        while self._topics:
            try:
                await self._dismiss()
                newest = await run_in_threadpool(self._jobs.newest_events, tuple(self._topics))
                for job_id, topic in tuple(self._topics.items()):
                    await self._tell(job_id, topic, newest.get(job_id))
            except StoreUnavailable as error:
                log.warning("those who follow jobs wait: %s", error)
            except Exception:
                # Whatever it is: without this task every follower would wait for ever, and nothing would show it.
                log.exception("those who follow jobs were told nothing this time")
            await asyncio.sleep(POLL_SECONDS)

    async def _dismiss(self) -> None:
        """Let those go whose token was revoked or has expired since they came: one question for all of them."""
        moment = asyncio.get_running_loop().time()
        watching = {follower.token_id for follower in self._all_followers()} - {""}
        if not watching or moment - self._tokens_checked < self._known.seconds:
            return
        ended = watching - await run_in_threadpool(self._tokens.live, watching)
        self._tokens_checked = moment
        # Collected again: some followers have gone meanwhile, and new ones were not part of the query.
        for follower in self._all_followers():
            if follower.token_id in ended:
                follower.let_go()

    async def _tell(self, job_id: str, topic: _Topic, newest: int | None) -> None:
        """Give the followers of a job what is new."""
        if newest is None:
            if topic.seen:
                for follower in topic.followers:
                    follower.let_go()
            return
        topic.seen = True
        while topic.last < newest:
            page = await run_in_threadpool(self._jobs.events, job_id, topic.last)
            if not page:
                return
            topic.last = page[-1].id
            for follower in topic.followers:
                for event in page:
                    if follower.queue.full():
                        follower.let_go()
                        break
                    follower.queue.put_nowait(event)
