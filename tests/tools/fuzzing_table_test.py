"""Every fuzzer of fuzz/ has its row in the table of docs/fuzzing.md, and seeds.

usage: fuzzing_table_test.py SOURCE
"""
import pathlib
import re
import sys
import unittest

SOURCE = pathlib.Path(sys.argv[1])


class FuzzingTable(unittest.TestCase):
    def test_has_a_row_for_every_fuzzer(self):
        fuzzers = sorted(path.stem for path in (SOURCE / "fuzz").glob("*.cmake"))
        text = (SOURCE / "docs" / "fuzzing.md").read_text(encoding="utf-8")
        rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| \d+ \| \d+ \| \d+ \|$", text, re.MULTILINE)
        self.assertEqual(sorted(rows), fuzzers)

    def test_every_fuzzer_has_seeds(self):
        for path in (SOURCE / "fuzz").glob("*.cmake"):
            self.assertTrue(any((SOURCE / "fuzz" / "corpus" / path.stem).iterdir()), path.stem)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
