"""tools/check_hardening.py tells a hardened program from one that is not.

usage: check_hardening_test.py TOOL CXX_COMPILER
"""
import os
import subprocess
import sys
import tempfile
import unittest

TOOL, COMPILER = sys.argv[1:3]
PROGRAM = """
#include <stdio.h>
#include <string.h>
#include <vector>
#ifdef CONNECT
#include <sys/socket.h>
#endif
int main(int argc, char** argv) {
  char text[16];
  strcpy(text, argv[argc - 1]);
#ifdef CONNECT
  connect(0, 0, 0);
#endif
  std::vector<int> elements(2);
  return printf("%s", text) < elements[argc];
}
"""
HARDENED = ["-O2", "-fPIE", "-pie", "-fstack-protector-strong", "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=2",
            "-D_GLIBCXX_ASSERTIONS", "-Wl,-z,relro,-z,now,-z,noexecstack"]


class CheckHardening(unittest.TestCase):
    def check(self, flags, *options):
        with tempfile.TemporaryDirectory() as folder:
            program = os.path.join(folder, "program")
            subprocess.run([COMPILER, "-w", "-x", "c++", "-", "-o", program, *flags], input=PROGRAM, text=True, check=True)
            run = subprocess.run([sys.executable, TOOL, *options, program], capture_output=True, text=True)
            missing = [line.split(": ")[1] for line in run.stdout.splitlines() if line.endswith("NO")]
            self.assertEqual(run.returncode, 1 if missing else 0, run.stderr)
            return missing

    def test_takes_what_is_hardened(self):
        self.assertEqual(self.check(HARDENED, "--guarded", "--optimised", "--no-network"), [])

    def test_names_what_is_missing(self):
        for flag, finding in ((["-no-pie", "-fno-pie"], "position-independent"),
                              (["-Wl,-z,norelro"], "read-only relocations"),
                              (["-Wl,-z,lazy"], "bound at start"),
                              (["-Wl,-z,execstack"], "stack not executable"),
                              (["-fno-stack-protector"], "stack frames guarded"),
                              (["-U_GLIBCXX_ASSERTIONS"], "elements of containers guarded"),
                              (["-U_FORTIFY_SOURCE"], "library calls checked")):
            with self.subTest(flag=flag):
                self.assertIn(finding, self.check([*HARDENED, *flag], "--guarded", "--optimised"))

    def test_notices_connections(self):
        self.assertEqual(self.check([*HARDENED, "-DCONNECT"], "--no-network"), ["opens no connection"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
