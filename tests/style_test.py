#!/usr/bin/env python3
"""Reads the sources and holds the house's sentences true: who may include whom, what the pure folders may know, that no file is outside CMake, that
no co_await stands in a form that g++ 12 miscompiles, and that llhttp is strict.

    style_test.py [unittest arguments]
"""
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[1]
PLANES = ("user", "shadow", "admin")
PURE = ("diff", "proxy/http", "proxy/policy")

# What each folder of proxy/ may include of the others, beside itself and the settings. main.cc, planes and supervisor wire all of it together.
BELOW = {
    "http": {"policy"},
    "policy": {"http"},
    "net": set(),
    "control": {"policy"},
    "tap": {"http", "control"},
    "store": {"http", "policy", "control"},
    "user": {"http", "net", "policy", "control", "tap"},
    "shadow": {"http", "net", "policy", "control", "tap", "store"},
    "admin": {"http", "net", "policy", "control", "store"},
    "commands": {"http", "net", "policy", "control", "store", "supervisor"},
    "supervisor": {"net", "control", "tap"},
}

# Headers of sockets, threads, clocks and files: not for a pure folder.
IMPURE = re.compile(r"<(sys/(socket|epoll|mman|stat|types|un|uio|time|wait|resource)|netinet/.*|arpa/.*|netdb|poll|pthread|unistd|fcntl|time|ctime|"
                    r"thread|mutex|shared_mutex|condition_variable|future|semaphore|stop_token|fstream|filesystem|openssl/.*|asio.*|"
                    r"sqlite3)(\.h|\.hpp)?>|std::chrono::\w*clock::now|\bgetenv\b|\bfopen\b|\bFILE\b")

BANNED_CO_AWAIT = [
    (re.compile(r"\?[^;:]*co_await|co_await[^;?]*\?[^;]*:[^;:]"), "a co_await in a conditional expression"),
    (re.compile(r"co_await[^;]*\[[^\]]*[&=\w][^\]]*\]\s*(\([^)]*\))?\s*(mutable\s*)?\{"), "a lambda inside of a co_await expression"),
    (re.compile(r"co_await[^;]*\b(?!\w*[sS]econds\b)\w+\s*\{[^}]*\}\s*[,)]"), "a braced aggregate inside of a co_await expression"),
    (re.compile(r"\w\{[^};]*co_await"), "a co_await inside of braces"),
    (re.compile(r"co_await[^;]*co_await"), "two co_await in one statement"),
]
# A coroutine lambda with captures: its closure dies before the coroutine does.
CAPTURING_COROUTINE = re.compile(r"\[[^\]\n]+\]\s*\([^)]*\)\s*(mutable\s*)?->\s*(net::)?Task")


def sources(*folders):
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".cc", ".h"):
                yield path


def name_of(path):
    return str(path.relative_to(ROOT))


def without_comments(text):
    """The same text with comments and the contents of strings blanked, lines kept."""
    def blank(match):
        found = match.group(0)
        if found[0] in "\"'":
            return found[0] + " " * (len(found) - 2) + found[-1]
        return re.sub(r"[^\n]", " ", found)
    return re.sub(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'', blank, text, flags=re.S)


def includes(path):
    return re.findall(r'^#include "([^"]+)"', path.read_text(), re.M)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def conditions(text):
    """What stands in the parentheses of each if, while, switch and for, with its position."""
    for match in re.finditer(r"\b(?:if|while|switch|for)\s*(?:constexpr\s*)?\(", text):
        depth, end = 1, match.end()
        while depth and end < len(text):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        yield match.end(), text[match.end():end]


def banned_co_await(text):
    """(line, what) of each co_await that stands in a banned form."""
    text = without_comments(text)
    found = [(line_of(text, position), "a co_await inside of a condition") for position, condition in conditions(text) if "co_await" in condition]
    for match in re.finditer(r"\bco_await\b", text):
        begin = max(text.rfind(";", 0, match.start()), text.rfind("}", 0, match.start())) + 1
        statement = text[begin:text.find(";", match.start()) + 1]
        found += [(line_of(text, match.start()), what) for pattern, what in BANNED_CO_AWAIT if pattern.search(statement)]
    found += [(line_of(text, match.start()), "a coroutine lambda with captures") for match in CAPTURING_COROUTINE.finditer(text)]
    return found


def find_all(pattern, text, path):
    return [f"{name_of(path)}:{line_of(text, match.start())}" for match in pattern.finditer(text)]


class Knowledge(unittest.TestCase):
    """Who includes whom."""

    def test_diff_never_includes_proxy(self):
        wrong = [name_of(path) for path in sources("diff") for include in includes(path) if not include.startswith("diff/")]
        self.assertEqual(wrong, [])

    def test_no_plane_includes_another_and_nothing_includes_what_stands_above_it(self):
        wrong = []
        for folder, allowed in BELOW.items():
            for path in sources(f"proxy/{folder}"):
                for include in includes(path):
                    parts = include.split("/")
                    if parts[0] == "proxy" and len(parts) > 2 and parts[1] != folder and parts[1] not in allowed:
                        wrong.append(f"{name_of(path)} includes {include}")
        self.assertEqual(wrong, [])

    def test_tools_of_the_tests_share_no_code_with_the_program(self):
        wrong = [f"{name_of(path)} includes {include}" for path in sources("tests/tools", "conf") for include in includes(path)
                 if include.startswith(("proxy/", "diff/"))]
        self.assertEqual(wrong, [])

    def test_pure_folders_know_no_socket_thread_clock_or_file(self):
        wrong = [place for path in sources(*PURE) for place in find_all(IMPURE, without_comments(path.read_text()), path)]
        self.assertEqual(wrong, [])

    def test_llhttp_is_known_to_one_file_and_compiled_strict(self):
        knowing = [name_of(path) for path in sources("proxy", "diff") if re.search(r"#include [<\"]llhttp", path.read_text())]
        self.assertEqual(knowing, ["proxy/http/parser.cc"])
        self.assertRegex((ROOT / "proxy/http/CMakeLists.txt").read_text(), r"LLHTTP_STRICT_MODE=1")

    def test_tomlplusplus_is_known_to_the_configuration_alone(self):
        knowing = [name_of(path) for path in sources("proxy", "diff") if "#include <toml++" in path.read_text()]
        self.assertTrue(all(name.startswith("proxy/config") for name in knowing), knowing)


class Sources(unittest.TestCase):
    def test_every_source_is_under_cmake(self):
        """Each .cc is named, or matched by a glob, in some CMakeLists.txt."""
        listed = set()
        for cmake in [ROOT / "CMakeLists.txt"] + [path for folder in ("proxy", "diff", "tests", "bench", "conf") for path in (ROOT / folder).rglob("CMakeLists.txt")]:
            text = re.sub(r"#[^\n]*", "", cmake.read_text())
            listed |= {(cmake.parent / name).resolve() for name in re.findall(r"[\w./-]+\.cc\b", text)}
            for kind, patterns in re.findall(r"file\(\s*(GLOB\w*)\s+([^)]*)\)", text):
                for pattern in filter(lambda word: "*" in word, patterns.split()):
                    listed |= set(cmake.parent.rglob(pattern) if kind == "GLOB_RECURSE" else cmake.parent.glob(pattern))
        wrong = [name_of(path) for path in sources("proxy", "diff", "tests", "bench", "conf") if path.suffix == ".cc" and path not in listed]
        self.assertEqual(wrong, [])

    def test_every_header_is_included_by_someone(self):
        included = {include for path in sources("proxy", "diff", "tests", "bench", "conf") for include in includes(path)}
        orphans = [name_of(path) for path in sources("proxy", "diff", "tests", "bench", "conf") if path.suffix == ".h" and name_of(path) not in included]
        self.assertEqual(orphans, [])

    def test_every_header_is_guarded_and_every_file_says_what_it_is_for(self):
        wrong = []
        for path in sources("proxy", "diff", "tests/tools"):
            text = path.read_text()
            if path.suffix == ".h" and "#pragma once" not in text:
                wrong.append(f"{name_of(path)}: no #pragma once")
            described = path if path.suffix == ".h" or not path.with_suffix(".h").exists() else path.with_suffix(".h")
            if not described.read_text().startswith("//"):
                wrong.append(f"{name_of(described)}: does not open with what it is for")
        self.assertEqual(sorted(set(wrong)), [])

    def test_no_co_await_in_a_form_that_gcc_12_miscompiles(self):
        wrong = [f"{name_of(path)}:{line}: {what}" for path in sources("proxy", "tests") for line, what in banned_co_await(path.read_text())]
        self.assertEqual(wrong, [])

    def test_the_search_for_co_await_tells_bad_forms_from_good_ones(self):
        bad = ["if (co_await ready()) go();", "while (more && co_await step()) {}", "switch (auto x = co_await next(); x) {}",
               "x = c ? co_await a() : b;", "auto x = co_await run([name] { return name; });", "co_await send(Frame{1, text});",
               "Pair p{co_await one(), 1};", "sum(co_await one(), co_await two());", "auto f = [this](int x) -> Task<void> { co_return; };"]
        good = ["co_await loop.sleep(pause);", "while (!done) co_await turn();", "if (idle) co_await x; // if (co_await x)",
                "const auto r = co_await read(buffer, limit);", "co_return co_await serve(stream);", "for (;;) { co_await step(); }",
                "if (x) { y = co_await step(i[0]); }", "static Task<void> f(int x) { co_await g(x); }"]
        self.assertEqual([text for text in bad if not banned_co_await(text)], [])
        self.assertEqual([(text, banned_co_await(text)) for text in good if banned_co_await(text)], [])

    def test_what_begins_with_an_interpreter_can_be_run(self):
        scripts = [path for folder in ("tests", "bench", "conf") for path in (ROOT / folder).rglob("*") if path.is_file() and path.read_bytes()[:2] == b"#!"]
        self.assertGreater(len(scripts), 20)
        self.assertEqual([str(path) for path in scripts if not path.stat().st_mode & 0o111], [])

    def test_names_are_snake_case(self):
        wrong = [name_of(path) for path in sources("proxy", "diff", "tests", "bench", "conf") if not re.fullmatch(r"[a-z0-9_]+\.(cc|h)", path.name)]
        self.assertEqual(wrong, [])

    def test_nothing_is_marked_unfinished_and_no_path_of_a_machine_stays(self):
        files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False).stdout.decode().split("\0")
        marks = re.compile("|".join(["\\bTO" + "DO\\b", "\\bFIX" + "ME\\b", "\\bX" + "XX\\b", "/wo" + "rk/", "/ro" + "ot/", "/t" + "mp/"]))
        wrong = []
        for name in filter(None, files):
            path = ROOT / name
            if path.is_file():
                wrong += find_all(marks, path.read_text(errors="replace"), path)
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    sys.argv[0] = "style_test.py"
    unittest.main()
