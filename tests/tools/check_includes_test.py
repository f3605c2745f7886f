"""tools/check_includes.py finds what it is there to find."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TOOL = ROOT / "tools" / "check_includes.py"
TABLE = "| module | holds | may use |\n|---|---|---|\n| `low` | x | – |\n| `high` | x | low |\n"


def run(root):
    return subprocess.run([sys.executable, str(TOOL), str(root)], capture_output=True, text=True, check=False)


class CheckIncludes(unittest.TestCase):
    def small_tree(self, low, high, table=TABLE):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        root = pathlib.Path(folder.name)
        (root / "docs").mkdir()
        (root / "docs" / "architecture.md").write_text(table, encoding="utf-8")
        for module, text in (("low", low), ("high", high)):
            (root / "src" / module).mkdir(parents=True)
            (root / "src" / module / "CMakeLists.txt").touch()
            (root / "src" / module / "a.cpp").write_text(text, encoding="utf-8")
        return root

    def test_this_repository_is_clean(self):
        result = run(ROOT)
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_includes_downwards_are_fine(self):
        result = run(self.small_tree('#include "low/b.h"\n#include <vector>\n', '#include "low/b.h"\n'))
        self.assertEqual((result.returncode, result.stdout), (0, ""))

    def test_an_include_upwards_is_a_defect(self):
        result = run(self.small_tree('#include "high/b.h"\n', ""))
        self.assertEqual(result.returncode, 1)
        self.assertIn("a.cpp:1: low may not use high", result.stdout)

    def test_libtorch_is_for_training_only(self):
        result = run(self.small_tree("#include <torch/torch.h>\n", ""))
        self.assertEqual(result.returncode, 1)
        self.assertIn("libtorch", result.stdout)

    def test_table_and_folders_must_agree(self):
        extra = run(self.small_tree("", "", TABLE + "| `ghost` | x | low |\n"))
        self.assertIn("no src/ghost", extra.stdout)
        missing = run(self.small_tree("", "", TABLE.replace("| `high` | x | low |\n", "")))
        self.assertIn("src/high: not in the table", missing.stdout)


if __name__ == "__main__":
    unittest.main()
