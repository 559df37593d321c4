"""Two definitions with the same package, services and messages in one program: hosts and guests of both."""

import threading
import unittest

import firstMetaFFIHost as first
import secondMetaFFIHost as second


class Twins(unittest.TestCase):
    def call_both(self):
        word, kind = first.speak(first.Word("word", 1), first.Kind.QUIET)
        self.assertEqual((word, kind), (first.Word("first word", 2), first.Kind.LOUD))
        word, kind = second.speak(second.Word("word", True), second.Kind.OPEN)
        self.assertEqual((word, kind), (second.Word("second word", False), second.Kind.SECRET))

    def test_each_has_its_own_types(self):
        self.assertIsNot(first.Word, second.Word)
        for _ in range(100):
            self.call_both()

    def test_the_types_of_one_are_not_those_of_the_other(self):
        with self.assertRaises(TypeError):
            first.speak(second.Word("word", True), first.Kind.QUIET)

    def test_at_once(self):
        failures = []

        def run():
            try:
                for _ in range(100):
                    self.call_both()
            except BaseException as failure:
                failures.append(failure)

        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])


if __name__ == "__main__":
    unittest.main()
