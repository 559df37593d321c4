"""Gives the library functions of Python to call, and shows what becomes of one that is missing, fails, is too slow or
ends the program."""

import asyncio

from host_demo import Demo, GangplankError


async def token(key: str) -> str:
    return f"TOK-{key}"


def no_token(key: str) -> str:
    raise LookupError(f"no token for {key}")


async def slow(key: str) -> str:
    await asyncio.sleep(60)  # is cancelled when the library stops waiting
    return key


def exits(key: str) -> str:
    raise SystemExit("boom")


async def used(demo: Demo) -> str:
    """The token, or why there is none."""
    try:
        return await demo.use_token("session")
    except GangplankError as error:
        return str(error)


async def main() -> None:
    with Demo.create() as demo:
        demo.set_fetch_token(token)
        print(await used(demo))

        demo.set_fetch_token(None)
        print("unregistered:", await used(demo))

        demo.set_fetch_token(no_token)
        print("failing:", await used(demo))

        demo.set_fetch_token(slow, deadline=0.05)
        print("slow:", await used(demo))

        demo.set_fetch_token(exits)
        print("panicking:", await used(demo))


if __name__ == "__main__":
    asyncio.run(main())
