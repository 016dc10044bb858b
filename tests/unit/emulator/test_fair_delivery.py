"""Fair queues: whose messages go first."""

from emulator.fair_delivery import LATELY_S, FairDelivery, Message


def make_messages(group: str, count: int, *, in_flight: int = 0) -> list[Message]:
    return [Message(f"{group}{number}", group, number < in_flight) for number in range(count)]


def list_groups(messages: object) -> list[str]:
    return [message.group for message in messages]  # type: ignore[attr-defined]


def test_gives_the_oldest_away_first_while_nobody_is_noisy() -> None:
    assert list_groups(FairDelivery().order(make_messages("a", 2) + make_messages("b", 1), 0)) == ["a", "a", "b"]


def test_puts_a_quiet_tenant_before_one_that_takes_the_consumers_time() -> None:
    fair, messages = FairDelivery(), make_messages("a", 5, in_flight=1) + make_messages("b", 1) + [Message("x", "", False)]
    fair.note(messages[0], 0)
    assert list_groups(fair.order(messages, 1)) == ["b", "", "a", "a", "a", "a"]


def test_puts_a_quiet_tenant_before_one_that_has_many_messages_in_flight() -> None:
    messages = make_messages("a", 31, in_flight=30) + make_messages("b", 1)
    assert list_groups(FairDelivery().order(messages, 0)) == ["b", "a"]


def test_shares_between_noisy_tenants() -> None:
    fair, messages = FairDelivery(), make_messages("a", 3, in_flight=2) + make_messages("b", 2, in_flight=1)
    for message in messages:
        if message.is_in_flight:
            fair.note(message, 0)
    assert list_groups(fair.order(messages, 1)) == ["b", "a"]


def test_forgets_what_was_long_ago() -> None:
    fair, messages = FairDelivery(), make_messages("a", 2, in_flight=1)
    fair.note(messages[0], 0)
    rest = make_messages("a", 1) + make_messages("b", 1)
    assert list_groups(fair.order(rest, 1)) == ["b", "a"]
    assert list_groups(fair.order(rest, 2 + LATELY_S)) == ["a", "b"]
