"""The functions of shop.proto."""

import asyncio
import threading


def div(x, y):
    return x / y


def concat(parts):
    return ", ".join(parts)


def total(items, discounts, currency, note):
    cents = sum(item.cents for item in items) - sum(discounts.values())
    return cents, currency, note, items


def fail(text):
    raise KeyError(text)


async def wait(text):
    await asyncio.sleep(0.01)
    return f"{text} {threading.current_thread().name}"


def both():
    return "two", 2
