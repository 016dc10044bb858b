"""What HTTP itself costs: a protocol on uvloop with httptools that answers every request alike. It is a limit, and no peer."""

import asyncio
import os

import httptools
import uvloop

BODY = (
    b'{"predictions":[{"label":7,"probability":0.9988889,"probabilities":['
    + b"0.00012345," * 9
    + b'0.9988889]}],"model":{"name":"none","version":"0"}}'
)
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY)


class Connection(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.parser = transport, httptools.HttpRequestParser(self)

    def data_received(self, data):
        self.parser.feed_data(data)

    def on_message_complete(self):
        self.transport.write(ANSWER)


async def main():
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", int(os.environ["PORT"]))
    await server.serve_forever()


uvloop.run(main())
