#!/usr/bin/env python3
"""Holds the includes of src/ to the table of modules in docs/architecture.md.

Reports includes that point the wrong way, modules and table rows without a counterpart, and libtorch where it may not
be. Exit status 0: all is well, 1: something is not.
"""
import pathlib
import re
import sys

TORCH_MODULES = {"torchnet", "train"}
ROW = re.compile(r"^\| `(\w+)` \|[^|]*\| ([\w, –]+) \|$")
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')


def read_table(page):
    """Module -> set of modules that it may use."""
    table = {}
    for line in page.read_text(encoding="utf-8").splitlines():
        row = ROW.match(line)
        if row:
            table[row[1]] = set() if row[2] == "–" else {name.strip() for name in row[2].split(",")}
    return table


def check_file(path, module, table, modules):
    """Complaints about the includes of one file."""
    complaints = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        include = INCLUDE.match(line)
        if not include:
            continue
        name = include[2]
        target = name.split("/")[0]
        if target in ("torch", "ATen", "c10") and module not in TORCH_MODULES:
            complaints.append(f"{path}:{number}: {module} includes libtorch ({name})")
        elif include[1] == '"' and target in modules and target != module and target not in table[module]:
            complaints.append(f"{path}:{number}: {module} may not use {target} ({name})")
    return complaints


def check(root):
    table = read_table(root / "docs" / "architecture.md")
    modules = {folder.name for folder in (root / "src").iterdir() if (folder / "CMakeLists.txt").exists()}
    complaints = [f"src/{name}: not in the table of docs/architecture.md" for name in sorted(modules - table.keys())]
    complaints += [f"docs/architecture.md: there is no src/{name}" for name in sorted(table.keys() - modules)]
    for name, used in table.items():
        complaints += [f"docs/architecture.md: {name} may use {other}, which is no module"
                       for other in sorted(used - table.keys())]
    n_files = 0
    for module in sorted(modules & table.keys()):
        for path in sorted((root / "src" / module).rglob("*")):
            if path.suffix in (".h", ".cpp"):
                n_files += 1
                complaints += check_file(path, module, table, modules)
    if n_files == 0:
        complaints.append(f"{root}: no sources found")
    return complaints


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent
    complaints = check(root)
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
