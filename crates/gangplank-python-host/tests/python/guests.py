"""A guest in Python, called by its host in the same process."""

import sys
import threading
import unittest

import shopMetaFFIHost as shop


class ShopTest(unittest.TestCase):
    def test_values_of_every_kind(self):
        self.assertEqual(shop.div(10, 2), 5.0)
        self.assertEqual(shop.div(y=2, x=10), 5.0)
        self.assertEqual(shop.concat(["A", "B", "C"]), "A, B, C")
        self.assertEqual(shop.concat([]), "")
        self.assertEqual(shop.both(), ("two", 2))
        items = [shop.Item("a", 3, shop.Item_how_code(b"\0\xff")), shop.Item("b", 2**40, None)]
        cents, currency, note, back = shop.total(items, {"x": 1}, shop.Currency.EURO, None)
        self.assertEqual((cents, currency, note, back), (2**40 + 2, shop.Currency.EURO, None, items))
        self.assertIs(currency, shop.Currency.EURO)
        self.assertEqual(shop.total([], {}, 77, "there"), (0, 77, "there", []))

    def test_exceptions_of_the_guest_are_errors_with_their_traceback(self):
        with self.assertRaises(shop.GangplankError) as caught:
            shop.fail("missing")
        self.assertIn("KeyError: 'missing'", str(caught.exception))
        self.assertIn("shop.py", str(caught.exception))
        with self.assertRaises(shop.GangplankError) as caught:
            shop.div(1, 0)
        self.assertIn("ZeroDivisionError", str(caught.exception))

    def test_arguments_are_checked_before_the_guest_sees_them(self):
        with self.assertRaises(OverflowError):
            shop.div(2**31, 1)
        with self.assertRaises(TypeError):
            shop.concat("abc")
        with self.assertRaises(TypeError):
            shop.total([None], {}, 0, None)

    def test_coroutines_of_the_guest(self):
        self.assertTrue(shop.wait("x").startswith("x "))

    def test_threads_of_host_and_guest_wait_for_each_other(self):
        failed = []

        def work(number):
            try:
                for count in range(1000):
                    assert shop.div(count, 2) == count / 2
                    if count % 100 == 0:
                        shop.wait(str(number))
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failed, [])

    def test_nothing_is_left_behind(self):
        big = ["x" * 1000] * 50
        for _ in range(200):
            shop.concat(big)
        before = sys.getrefcount(big[0])
        for _ in range(100):
            shop.concat(big)
        self.assertEqual(sys.getrefcount(big[0]), before)


if __name__ == "__main__":
    unittest.main()
