"""A device over a WebSocket: says what it reads on its input, prints what it hears.

Arguments: the address, and the file of the CA or nothing. `!ping` is a ping of WebSocket's own, `!close` an end.
"""

import asyncio
import ssl
import sys

import websockets


async def main(url, ca=None):
    context = None
    if url.startswith("wss:"):
        context = ssl.create_default_context(cafile=ca)
    async with websockets.connect(url, ssl=context) as socket:
        print("connected", flush=True)

        async def hear():
            async for line in socket:
                print(line, flush=True)
            print("closed", socket.close_code, flush=True)

        hearing = asyncio.create_task(hear())
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            line = line.rstrip("\n")
            if line == "!ping":
                await asyncio.wait_for(await socket.ping(), 10)
                print("pong", flush=True)
            elif line == "!close":
                await socket.close()
            else:
                await socket.send(line)
        hearing.cancel()


asyncio.run(main(*sys.argv[1:]))
