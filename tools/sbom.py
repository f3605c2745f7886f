#!/usr/bin/env python3
"""Writes the bill of materials of the programs as CycloneDX JSON: every library that the dynamic linker loads, what is
compiled in, what is started or loaded when wanted, the model, and the npm packages that the page is built with; each
with its version and licence. Versions are those of this machine's Debian packages.

usage: tools/sbom.py --version VERSION --source FOLDER [--optional PACKAGE ...] PROGRAM...
"""
import argparse
import hashlib
import json
import os
import re
import subprocess
import sys

# Compiled into the programs, so that no linker tells of them: headers and how they are packaged.
COMPILED_IN = ["nlohmann-json3-dev", "libcli11-dev", "libtomlplusplus-dev"]

# Of packages whose copyright file is not for machines.
KNOWN_LICENCES = {
    "libc6": "LGPL-2.1-or-later",
    "libgcc-s1": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libgomp1": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libgfortran5": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libquadmath0": "LGPL-2.1-or-later",
    "libstdc++6": "GPL-3.0-or-later WITH GCC-exception-3.1",
}


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def shared_objects(program):
    """Real paths of what the dynamic linker loads for it."""
    paths = set()
    for line in output_of("ldd", program).splitlines():
        found = re.search(r"(?:=> )?(/\S+) \(0x", line)
        if "not found" in line:
            sys.exit(f"sbom.py: {program}: {line.strip()}")
        if found:
            paths.add(os.path.realpath(found.group(1)))
    return paths


def packages_of(paths):
    """The Debian package that each file belongs to; with merged /usr dpkg may know a file by its older name."""
    names = {name: path for path in paths for name in (path, path.removeprefix("/usr"))}
    run = subprocess.run(["dpkg-query", "-S", *names], capture_output=True, text=True)
    packages = {}
    for line in run.stdout.splitlines():
        package, name = line.rsplit(": ", 1)
        if name in names:
            packages[names[name]] = package.split(",")[0]
    return packages


def licences_of(package):
    """Names in the machine-readable copyright file, in its order; else a reference to that file."""
    if package in KNOWN_LICENCES:
        return [{"license": {"name": KNOWN_LICENCES[package]}}]
    path = f"/usr/share/doc/{package}/copyright"
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
    except OSError:
        sys.exit(f"sbom.py: {path} is missing; was {package} installed without its documents?")
    names = []
    if re.search(r"^Format:", text, re.MULTILINE | re.IGNORECASE):
        for name in re.findall(r"^License:[ \t]*(\S.*?)\s*$", text, re.MULTILINE | re.IGNORECASE):
            if name not in names:
                names.append(name)
    return [{"license": {"name": name}} for name in names] or [{"license": {"name": f"see {path}"}}]


def debian_component(package, scope):
    run = subprocess.run(["dpkg-query", "-W", "-f=${Package} ${Version} ${Architecture}", package],
                         capture_output=True, text=True)
    if run.returncode != 0 or len(run.stdout.split()) != 3:
        return None
    name, version, architecture = run.stdout.split()
    return {
        "type": "library",
        "bom-ref": f"pkg:deb/debian/{name}@{version}?arch={architecture}",
        "name": name,
        "version": version,
        "scope": scope,
        "licenses": licences_of(name),
        "purl": f"pkg:deb/debian/{name}@{version.replace('+', '%2B').replace('~', '%7E')}?arch={architecture}",
    }


def foreign_component(path):
    """A library that did not come as a Debian package; its file tells what it is."""
    with open(path, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    name = os.path.basename(path)
    return {
        "type": "library", "bom-ref": f"file:{name}", "name": name, "version": "unknown", "scope": "required",
        "hashes": [{"alg": "SHA-256", "content": digest}],
        "licenses": [{"license": {"name": "unknown: not from a Debian package"}}],
    }


def npm_components(lock_file):
    """Build tools of the page: nothing of them is in the programs."""
    with open(lock_file, encoding="utf-8") as file:
        packages = json.load(file)["packages"]
    components = []
    for path, package in sorted(packages.items()):
        if not path:
            continue
        name = path.rsplit("node_modules/", 1)[1]
        components.append({
            "type": "library",
            "bom-ref": f"pkg:npm/{name.replace('@', '%40')}@{package['version']}",
            "name": name,
            "version": package["version"],
            "scope": "excluded" if package.get("dev") else "required",
            "licenses": [{"license": {"name": package.get("license", "unknown")}}],
            "purl": f"pkg:npm/{name.replace('@', '%40')}@{package['version']}",
        })
    return components


def model_component(path):
    with open(path, "rb") as file:
        data = file.read()
    header = json.loads(data[8:8 + int.from_bytes(data[:8], "little")])
    metadata = header.get("__metadata__", {})
    return {
        "type": "machine-learning-model",
        "bom-ref": "models/default.safetensors",
        "name": "models/default.safetensors",
        "version": metadata.get("yourmt3.format", "1"),
        "scope": "required",
        "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(data).hexdigest()}],
        "licenses": [{"license": {"name": metadata.get("licence", "Apache-2.0")}}],
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", nargs="+")
    parser.add_argument("--version", required=True)
    parser.add_argument("--source", required=True)
    parser.add_argument("--optional", nargs="*", default=[])
    options = parser.parse_args()

    packages = {name: "required" for name in COMPILED_IN}
    objects = {path for program in options.programs for path in shared_objects(program)}
    objects = {path for path in objects if not os.path.basename(path).startswith("libyourmt3")}
    package_of = packages_of(sorted(objects))
    packages.update((package, "required") for package in package_of.values())
    for name in options.optional:
        packages.setdefault(name, "optional")
    components = [foreign_component(path) for path in sorted(objects) if path not in package_of]
    for package, scope in sorted(packages.items()):
        component = debian_component(package, scope)
        if component:
            components.append(component)
        elif scope == "required":
            sys.exit(f"sbom.py: the package {package} is not installed")
    model = os.path.join(options.source, "models", "default.safetensors")
    if os.path.exists(model):
        components.append(model_component(model))
    components += npm_components(os.path.join(options.source, "web", "package-lock.json"))
    json.dump({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {
            "type": "application", "bom-ref": "yourmt3", "name": "yourmt3", "version": options.version,
            "licenses": [{"license": {"id": "Apache-2.0"}}]}},
        "components": components,
        "dependencies": [{"ref": "yourmt3", "dependsOn": [c["bom-ref"] for c in components
                                                          if c["scope"] == "required"]}],
    }, sys.stdout, indent=1, sort_keys=True)
    print()


if __name__ == "__main__":
    main()
