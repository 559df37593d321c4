"""What first.proto declares."""

from firstMetaFFIGuest import Kind, Word


def speak(word: Word, kind: Kind) -> tuple[Word, Kind]:
    return Word(f"first {word.text}", word.times + 1), Kind.LOUD
