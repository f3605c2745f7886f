"""The bill of materials: whatever the dynamic linker loads is in it, everything has a version and a licence, and it says
the same when it is written again.

usage: sbom_test.py SBOM_TOOL SOURCE PROGRAM
"""
import json
import subprocess
import sys
import unittest

TOOL, SOURCE, PROGRAM = sys.argv[1:4]


def write_sbom():
    return subprocess.run([sys.executable, TOOL, "--version", "1.2.3", "--source", SOURCE, "--optional", "ffmpeg",
                           "no-such-package", "--", PROGRAM], check=True, capture_output=True, text=True).stdout


class Sbom(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = write_sbom()
        cls.sbom = json.loads(cls.text)
        cls.named = {component["name"]: component for component in cls.sbom["components"]}

    def test_tells_what_it_is_about(self):
        self.assertEqual((self.sbom["bomFormat"], self.sbom["specVersion"]), ("CycloneDX", "1.5"))
        about = self.sbom["metadata"]["component"]
        self.assertEqual((about["name"], about["version"]), ("yourmt3", "1.2.3"))

    def test_everything_has_version_and_licence(self):
        for component in self.sbom["components"]:
            self.assertTrue(component["version"], component)
            self.assertTrue(all(licence["license"]["name"] for licence in component["licenses"]), component)
            self.assertTrue(component["licenses"], component)
            self.assertIn(component["scope"], ("required", "optional", "excluded"))

    def test_has_what_the_linker_loads(self):
        linked = subprocess.run(["ldd", PROGRAM], check=True, capture_output=True, text=True).stdout
        for library, package in (("libsndfile.so", "libsndfile1"), ("libsoxr.so", "libsoxr0"),
                                 ("libsqlite3.so", "libsqlite3-0"),
                                 ("libcairo.so", "libcairo2"), ("libc.so", "libc6")):
            self.assertIn(library, linked)
            self.assertEqual(self.named[package]["scope"], "required")
            self.assertIn(f"/{package}@", self.named[package]["purl"])

    def test_has_what_is_compiled_in_and_the_model(self):
        for name in ("nlohmann-json3-dev", "libcli11-dev", "libtomlplusplus-dev"):
            self.assertIn(name, self.named)
        model = self.named["models/default.safetensors"]
        self.assertEqual(len(model["hashes"][0]["content"]), 64)

    def test_the_page_brings_no_packages(self):
        page = [component for component in self.sbom["components"] if component["bom-ref"].startswith("pkg:npm/")]
        self.assertTrue(page)
        self.assertEqual({component["scope"] for component in page}, {"excluded"})

    def test_references_are_unique_and_known(self):
        references = [component["bom-ref"] for component in self.sbom["components"]]
        self.assertEqual(len(references), len(set(references)))
        self.assertLessEqual(set(self.sbom["dependencies"][0]["dependsOn"]), set(references))

    def test_is_the_same_every_time(self):
        self.assertEqual(write_sbom(), self.text)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
