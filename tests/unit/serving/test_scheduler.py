import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipes.errors import EndpointBusy, Malformed
from serving.inference.job import Job
from serving.inference.joined import Float32, Instances
from serving.inference.scheduler import Limits, Scheduler


class StepLoop:
    """An event loop that steps when told to."""

    def __init__(self) -> None:
        self.due: deque[tuple[Callable[..., object], tuple[Any, ...]]] = deque()
        self.woken = threading.Semaphore(0)

    def call_soon(self, callback: Callable[..., object], *args: Any) -> None:
        self.due.append((callback, args))

    def call_soon_threadsafe(self, callback: Callable[..., object], *args: Any) -> None:
        self.due.append((callback, args))
        self.woken.release()

    def step(self) -> None:
        """Run what is due now, not what that makes due."""
        for _ in range(len(self.due)):
            callback, args = self.due.popleft()
            callback(*args)

    def step_until_thread(self) -> None:
        assert self.woken.acquire(timeout=10)
        self.step()


class Doubling:
    """A model whose probabilities are twice the value; it remembers its batches and fails where it is told to."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.threads: set[int] = set()
        self.fails_on: int | None = None

    def __call__(self, instances: Instances) -> Float32:
        self.batches.append(len(instances))
        self.threads.add(threading.get_ident())
        if self.fails_on is not None and (instances == self.fails_on).any():
            raise RuntimeError("the model failed")
        return instances.astype(np.float32) * 2


@pytest.fixture
def loop() -> StepLoop:
    return StepLoop()


@pytest.fixture
def model() -> Doubling:
    return Doubling()


SMALL = Limits(small_bytes=10, tick_instances=4, chunk_instances=3, waiting_instances=12, waiting_bytes=100)


@pytest.fixture
def scheduler(loop: StepLoop, model: Doubling) -> Iterator[Scheduler]:
    scheduler = Scheduler(model, loop, SMALL)
    yield scheduler
    scheduler.close()


def decode(body: bytes) -> Instances:
    if body == b"bad":
        raise Malformed("bad")
    return np.frombuffer(body, np.uint8).reshape(-1, 1)


def encode(parts: Sequence[Float32]) -> bytes:
    values = [int(value) for part in parts for value in part[:, 0]]
    if 26 in values:
        raise ValueError("cannot encode 26")
    return bytes(values)


def job(body: bytes, **changes: Any) -> tuple[Job, list[bytes | Exception]]:
    answers: list[bytes | Exception] = []
    return Job(body, decode, encode, answers.append, **changes), answers


def test_answers_what_one_tick_brought_with_one_inference(scheduler: Scheduler, loop: StepLoop, model: Doubling) -> None:
    jobs = [job(bytes([value])) for value in (1, 2, 3)]
    for one, answers in jobs:
        scheduler.submit(one)
        assert answers == []
    loop.step()
    assert [answers for _, answers in jobs] == [[b"\2"], [b"\4"], [b"\6"]]
    assert model.batches == [3]
    assert not loop.due


def test_answers_a_lone_job_in_the_next_step(scheduler: Scheduler, loop: StepLoop, model: Doubling) -> None:
    one, answers = job(b"\5\6")
    scheduler.submit(one)
    loop.step()
    assert answers == [b"\n\x0c"]
    assert model.batches == [2]


def test_lets_the_loop_read_between_two_full_batches(scheduler: Scheduler, loop: StepLoop, model: Doubling) -> None:
    jobs = [job(bytes([value, value])) for value in range(5)]
    for one, _ in jobs:
        scheduler.submit(one)
    loop.step()
    assert model.batches == [4]
    late, late_answers = job(b"\7")
    scheduler.submit(late)
    loop.step()
    loop.step()
    assert model.batches == [4, 4, 3]
    assert late_answers == [b"\x0e"]
    assert all(answers == [bytes([2 * value, 2 * value])] for value, (_, answers) in enumerate(jobs))


def test_answers_a_small_body_with_more_images_than_a_tick_takes(scheduler: Scheduler, loop: StepLoop) -> None:
    first, _ = job(b"\1")
    many, answers = job(bytes(range(9)))
    scheduler.submit(first)
    scheduler.submit(many)
    loop.step()
    loop.step()
    assert answers == [bytes(2 * value for value in range(9))]


def test_answers_a_job_without_instances(scheduler: Scheduler, loop: StepLoop, model: Doubling) -> None:
    one, answers = job(b"")
    scheduler.submit(one)
    assert answers == [b""]
    assert model.batches == []


def test_a_body_that_cannot_be_read_harms_no_neighbour(scheduler: Scheduler, loop: StepLoop, model: Doubling) -> None:
    good, good_answers = job(b"\1")
    bad, bad_answers = job(b"bad")
    scheduler.submit(good)
    scheduler.submit(bad)
    assert isinstance(bad_answers[0], Malformed)
    loop.step()
    assert good_answers == [b"\2"]


def test_an_instance_the_model_fails_on_harms_no_neighbour(scheduler: Scheduler, loop: StepLoop, model: Doubling) -> None:
    model.fails_on = 9
    jobs = [job(bytes([value])) for value in (1, 9, 3)]
    for one, _ in jobs:
        scheduler.submit(one)
    loop.step()
    assert jobs[0][1] == [b"\2"]
    assert isinstance(jobs[1][1][0], RuntimeError)
    assert jobs[2][1] == [b"\6"]


def test_an_answer_that_cannot_be_written_harms_no_neighbour(scheduler: Scheduler, loop: StepLoop) -> None:
    jobs = [job(bytes([value])) for value in (13, 1)]
    for one, _ in jobs:
        scheduler.submit(one)
    loop.step()
    assert isinstance(jobs[0][1][0], ValueError)
    assert jobs[1][1] == [b"\2"]


def test_refuses_what_its_tick_queue_has_no_room_for(scheduler: Scheduler, loop: StepLoop) -> None:
    fits = [job(bytes(6)) for _ in range(2)]
    over, refused = job(b"\1")
    for one, _ in [*fits, (over, refused)]:
        scheduler.submit(one)
    assert isinstance(refused[0], EndpointBusy)
    while loop.due:
        loop.step()
    assert all(answers == [bytes(6)] for _, answers in fits)
    again, answers = job(b"\1")
    scheduler.submit(again)
    loop.step()
    assert answers == [b"\2"]


def test_answers_a_large_body_in_chunks_on_one_thread(scheduler: Scheduler, loop: StepLoop, model: Doubling) -> None:
    large = [job(bytes(range(11))) for _ in range(3)]
    for one, _ in large:
        scheduler.submit(one)
    for _ in large:
        loop.step_until_thread()
    assert model.batches == [3, 3, 3, 2] * 3
    assert len(model.threads) == 1
    assert threading.get_ident() not in model.threads
    assert all(answers == [bytes(2 * value for value in range(11))] for _, answers in large)


def test_answers_small_bodies_while_a_large_one_waits(loop: StepLoop) -> None:
    release = threading.Event()
    loop_thread = threading.get_ident()

    def predict(instances: Instances) -> Float32:
        if threading.get_ident() != loop_thread:
            assert release.wait(10)
        return instances.astype(np.float32) * 2

    scheduler = Scheduler(predict, loop, SMALL)
    large, large_answers = job(bytes(20))
    small, small_answers = job(b"\1")
    scheduler.submit(large)
    scheduler.submit(small)
    loop.step()
    assert small_answers == [b"\2"]
    assert large_answers == []
    release.set()
    loop.step_until_thread()
    assert large_answers == [bytes(20)]
    scheduler.close()


def test_refuses_what_its_threads_have_no_room_for_and_takes_it_again_later(loop: StepLoop) -> None:
    release = threading.Event()

    def predict(instances: Instances) -> Float32:
        assert release.wait(10)
        return instances.astype(np.float32)

    scheduler = Scheduler(predict, loop, SMALL)
    first, first_answers = job(bytes(60))
    second, second_answers = job(bytes(60))
    scheduler.submit(first)
    scheduler.submit(second)
    assert isinstance(second_answers[0], EndpointBusy)
    release.set()
    loop.step_until_thread()
    assert first_answers == [bytes(60)]
    third, third_answers = job(bytes(60))
    scheduler.submit(third)
    loop.step_until_thread()
    assert third_answers == [bytes(60)]
    scheduler.close()


def test_an_error_on_the_thread_is_that_jobs_answer(scheduler: Scheduler, loop: StepLoop, model: Doubling) -> None:
    model.fails_on = 10
    large, answers = job(bytes(range(11)))
    scheduler.submit(large)
    loop.step_until_thread()
    assert isinstance(answers[0], RuntimeError)
    after, after_answers = job(bytes(11))
    scheduler.submit(after)
    loop.step_until_thread()
    assert after_answers == [bytes(11)]


def test_decodes_pictures_on_a_thread_and_answers_them_with_the_tick(scheduler: Scheduler, loop: StepLoop, model: Doubling) -> None:
    decoded_on: list[int] = []

    def slow_decode(body: bytes) -> Instances:
        decoded_on.append(threading.get_ident())
        return decode(body)

    picture, picture_answers = job(b"\1", slow=True)
    picture.decode = slow_decode
    scheduler.submit(picture)
    loop.step_until_thread()
    small, small_answers = job(b"\2")
    scheduler.submit(small)
    loop.step()
    assert picture_answers == [b"\2"]
    assert small_answers == [b"\4"]
    assert model.batches == [2]
    assert decoded_on[0] != threading.get_ident()


def test_a_picture_that_cannot_be_read_is_answered(scheduler: Scheduler, loop: StepLoop) -> None:
    picture, answers = job(b"bad", slow=True)
    scheduler.submit(picture)
    loop.step_until_thread()
    assert isinstance(answers[0], Malformed)


def test_computes_nothing_for_whoever_has_gone(scheduler: Scheduler, loop: StepLoop, model: Doubling) -> None:
    small, small_answers = job(b"\1")
    large, large_answers = job(bytes(20))
    picture, picture_answers = job(b"\1", slow=True)
    large.abandon()
    for one in (small, large, picture):
        scheduler.submit(one)
        one.abandon()
    loop.step_until_thread()
    loop.step_until_thread()
    while loop.due:
        loop.step()
    assert model.batches == []
    assert small_answers == large_answers == picture_answers == []


JOINED = Limits(small_bytes=10, tick_instances=4, chunk_instances=8, waiting_bytes=1000, instance_bytes=11, joins_bodies=True)


def answer_together(loop: StepLoop, model: Doubling, bodies: list[bytes]) -> list[list[bytes | Exception]]:
    """Return the answers to large bodies that all came while another was asked."""
    entered, release = threading.Event(), threading.Event()

    def predict(instances: Instances) -> Float32:
        entered.set()
        assert release.wait(10)
        return model(instances)

    scheduler = Scheduler(predict, loop, JOINED)
    scheduler.submit(job(b"\0")[0])
    assert entered.wait(10)
    jobs = [job(body, slow=True) for body in bodies]
    for one, _ in jobs:
        scheduler.submit(one)
    release.set()
    scheduler.close()
    loop.step()
    return [answers for _, answers in jobs]


def test_fills_an_inference_with_the_large_bodies_that_wait(loop: StepLoop, model: Doubling) -> None:
    bodies = [bytes([value]) * count for value, count in ((1, 1), (2, 11), (3, 1), (4, 2))]
    assert answer_together(loop, model, bodies) == [[bytes([2 * body[0]]) * len(body)] for body in bodies]
    assert model.batches == [1, 8, 7]


def test_one_of_several_large_bodies_that_fails_costs_the_others_nothing(loop: StepLoop, model: Doubling) -> None:
    model.fails_on = 7
    first, bad, failing, empty, last = answer_together(loop, model, [b"\1", b"bad", b"\7" * 9, b"", b"\2\3"])
    assert (first, empty, last) == ([b"\2"], [b""], [b"\4\6"])
    assert isinstance(bad[0], Malformed)
    assert [type(answer) for answer in failing] == [RuntimeError]


PHOTOS = Limits.of(instance_bytes=150_528, batch=8, waiting_instances=4096, waiting_bytes=1_000_000)


def test_a_large_instance_is_never_answered_on_the_loop(loop: StepLoop, model: Doubling) -> None:
    scheduler = Scheduler(model, loop, PHOTOS)
    jobs = [job(bytes([number]), slow=number > 1) for number in range(1, 4)]  # a JPEG of a photo may be a few bytes
    for one, _ in jobs:
        scheduler.submit(one)
    assert [answers for _, answers in jobs] == [[], [], []]
    scheduler.close()
    loop.step()
    assert [answers for _, answers in jobs] == [[b"\2"], [b"\4"], [b"\6"]]
    assert threading.get_ident() not in model.threads
    assert model.batches == [1, 1, 1]  # on a core nobody gains by waiting for the others


def test_what_waits_is_counted_by_the_bytes_that_it_becomes(loop: StepLoop) -> None:
    held = threading.Event()

    def predict(instances: Instances) -> Float32:
        assert held.wait(10)
        return instances.astype(np.float32) * 2

    scheduler = Scheduler(predict, loop, PHOTOS)
    jobs = [job(b"\1", slow=True) for _ in range(7)]
    for one, _ in jobs:
        scheduler.submit(one)
    assert [type(answer) for _, answers in jobs for answer in answers] == [EndpointBusy]  # six of 150 kB are 1 MB
    held.set()
    scheduler.close()
    loop.step()
    assert [answers for _, answers in jobs[:6]] == [[b"\2"]] * 6


@pytest.mark.parametrize(
    ("instance_bytes", "batch", "images"),
    [(784, 128, (64, 128, 4096)), (65_536, 19, (19, 19, 2048)), (4, 128, (64, 128, 4096))],
    ids=["digits", "pictures as large as the loop takes", "a table"],
)
def test_limits_follow_from_the_instance(instance_bytes: int, batch: int, images: tuple[int, int, int]) -> None:
    limits = Limits.of(instance_bytes=instance_bytes, batch=batch, waiting_instances=4096, waiting_bytes=128 << 20)
    assert (limits.tick_instances, limits.chunk_instances, limits.waiting_instances) == images
    assert limits.waiting_instances * instance_bytes <= limits.waiting_bytes


def test_close_finishes_what_it_holds(loop: StepLoop, model: Doubling) -> None:
    scheduler = Scheduler(model, loop, SMALL)
    large, answers = job(bytes(20))
    scheduler.submit(large)
    scheduler.close()
    loop.step()
    assert answers == [bytes(20)]


@given(st.lists(st.lists(st.integers(0, 120), max_size=7), max_size=30), st.data())
def test_gives_every_job_its_own_answer_whatever_came_beside_it(bodies: list[list[int]], data: st.DataObject) -> None:
    loop, model = StepLoop(), Doubling()
    model.fails_on = 77
    scheduler = Scheduler(model, loop, Limits(small_bytes=10, tick_instances=4, waiting_instances=10_000))
    jobs = [job(bytes(body)) for body in bodies]
    for one, _ in jobs:
        scheduler.submit(one)
        if data.draw(st.booleans()):
            loop.step()
    while loop.due:
        loop.step()
    scheduler.close()
    for body, (_, answers) in zip(bodies, jobs, strict=True):
        (answer,) = answers
        if 77 in body:
            assert isinstance(answer, RuntimeError)
        elif 13 in body:
            assert isinstance(answer, ValueError)
        else:
            assert answer == bytes(2 * value for value in body)
