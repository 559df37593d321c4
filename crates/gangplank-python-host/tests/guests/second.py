"""What second.proto declares."""

from secondMetaFFIGuest import Kind, Word


def speak(word: Word, kind: Kind) -> tuple[Word, Kind]:
    return Word(f"second {word.text}", not word.shouted), Kind.SECRET
