"""ministack's standard queues as fair queues: it keeps a message's MessageGroupId, and gives the oldest message away whose ever it is."""

from collections import defaultdict
from typing import Any

from ministack.services import sqs

from emulator.fair_delivery import FairDelivery, Message


def deliver_fairly() -> None:
    """Let each standard queue with messages of groups give those of quiet groups away first."""
    collect, queues = sqs._collect_msgs, defaultdict[str, FairDelivery](FairDelivery)

    def collect_fairly(queue: dict[str, Any], most: int, visibility_timeout: int) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = queue["messages"]
        if queue["is_fifo"] or not any(message.get("group_id") for message in messages):
            return list(collect(queue, most, visibility_timeout))
        fair, now_s = queues[queue["attributes"]["QueueArn"]], sqs.time.time()
        by_id = {message["id"]: message for message in messages}
        # What is only delayed is not in flight, and is not given away either.
        known = [
            Message(message["id"], message.get("group_id") or "", is_in_flight)
            for message in messages
            if (is_in_flight := message["visible_at"] > now_s and message["receive_count"] > 0) or message["visible_at"] <= now_s
        ]
        chosen = fair.order(known, now_s)[:most]
        given: list[dict[str, Any]] = collect({**queue, "messages": [by_id[message.id] for message in chosen]}, most, visibility_timeout)
        for message in chosen:
            fair.note(message, now_s)
        return given

    sqs._collect_msgs = collect_fairly
