"""bench/peers/compare_peers.py reads what its peers print."""
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "bench" / "peers"))
import compare_peers  # noqa: E402


class ComparePeers(unittest.TestCase):
    def test_notes_of_aubio_are_its_whole_lines(self):
        printed = "0.752000\n1.216000\n78.000000\t5.552000\t6.032000\n60.490000\t10.352000\t10.944000\n19.952000\n"
        self.assertEqual(
            compare_peers.notes_of_aubio(printed),
            "onset_sec,offset_sec,pitch,program\n5.552,6.032,78,0\n10.352,10.944,60,0\n",
        )
        self.assertEqual(compare_peers.notes_of_aubio("").count("\n"), 1)

    def test_a_row_has_a_cell_for_each_score(self):
        scores = {name: 0.5 for name, _ in compare_peers.SCORES} | {"drum_onset": None}
        cells = compare_peers.row("ours", scores).strip("| ").split(" | ")
        self.assertEqual(cells[0], "ours")
        self.assertEqual(len(cells), 1 + len(compare_peers.SCORES))
        self.assertEqual(cells.count("50.0"), len(compare_peers.SCORES) - 1)
        self.assertEqual(cells.count("-"), 1)


if __name__ == "__main__":
    unittest.main()
