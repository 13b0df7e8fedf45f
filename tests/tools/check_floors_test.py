"""The floor check finds what it is there for, in trees made for it."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import check_floors


class CheckFloors(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)
        self.write("actors/status.hpp", "#pragma once\n")
        self.write("runtime/node.hpp", "#pragma once\n")
        self.write("gateway/detail/session.hpp", "#pragma once\n")
        for floor, files in (("actors", "status.hpp"), ("runtime", "node.hpp"), ("gateway", ""),
                             ("discovery", "")):
            self.write(f"{floor}/CMakeLists.txt", f"brontes_module({floor} HEADERS {files})\n")

    def write(self, file, text):
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def plant(self, file, text):
        self.write(file, text)
        lists = self.root / file.split("/")[0] / "CMakeLists.txt"
        if lists.exists():
            lists.write_text(lists.read_text() + " " + file.split("/", 1)[1])
        return check_floors.check(self.root)

    def test_a_clean_tree_is_clean(self):
        self.assertEqual(check_floors.check(self.root), [])

    def test_a_floor_may_include_the_one_below(self):
        self.assertEqual(self.plant("gateway/a.cpp", "#include <brontes/actors/status.hpp>\n"), [])

    def test_a_floor_may_not_include_the_one_above(self):
        found = self.plant("actors/a.cpp", "int a;\n#include <brontes/runtime/node.hpp>\n")
        self.assertEqual(len(found), 1)
        self.assertIn("actors/a.cpp:2: actors may not include runtime", found[0])

    def test_gateway_and_discovery_do_not_know_each_other(self):
        self.write("discovery/x.hpp", "")
        found = self.plant("gateway/a.cpp", "#include <brontes/discovery/x.hpp>\n")
        self.assertIn("gateway may not include discovery", found[0])

    def test_detail_is_private_to_its_floor(self):
        found = self.plant("runtime/a.cpp", "#include <brontes/gateway/detail/session.hpp>\n")
        self.assertIn("private to gateway", found[0])

    def test_a_library_stays_in_its_place(self):
        self.assertIn("gRPC", self.plant("gateway/a.cpp", "#include <grpcpp/grpcpp.h>\n")[0])
        self.assertIn("CAF", self.plant("runtime/b.hpp", "#include <caf/all.hpp>\n")[1])

    def test_the_details_of_a_higher_floor_do_not_know_caf(self):
        self.assertIn("CAF", self.plant("runtime/detail/b.cpp", "#include <caf/all.hpp>\n")[0])

    def test_caf_has_one_door_for_tests_too(self):
        self.assertIn("CAF", self.plant("tests/a.cpp", "#include <caf/all.hpp>\n")[0])
        self.assertEqual(self.plant("tests/b.cpp", "#include <grpcpp/grpcpp.h>\n"),
                         check_floors.check(self.root))

    def test_a_path_does_not_go_round(self):
        for target in ("brontes/discovery/../gateway/door.hpp", "../gateway/door.hpp"):
            found = self.plant("discovery/a.cpp", f"#include <{target}>\n")
            self.assertIn("without '..'", found[0], target)

    def test_code_is_on_a_floor_whatever_its_ending(self):
        self.write("plugins/a.cxx", "int a;\n")
        self.write("gateway/b.cc", "int b;\n")
        found = check_floors.check(self.root)
        self.assertTrue(any(line.startswith("plugins/a.cxx:1: is on no floor") for line in found), found)
        self.assertTrue(any("b.cc:1: not listed" in line for line in found), found)

    def test_a_public_header_brings_no_heavy_library_along(self):
        self.write("runtime/grpc/detail/wire.hpp", "#include <grpcpp/grpcpp.h>\n")
        found = self.plant("runtime/node.hpp", "#include <brontes/runtime/grpc/detail/wire.hpp>\n")
        self.assertTrue(any("brings <grpcpp/grpcpp.h> along" in line for line in found), found)

    def test_a_comment_hides_no_include(self):
        found = self.plant("actors/a.cpp", "/**/ # /* b */ include <brontes/runtime/node.hpp>\n")
        self.assertEqual(len(found), 1, found)

    def test_no_other_word_hides_an_include(self):
        for number, word in enumerate(("#import", "#include_next", "# include_next", "%:include", "%: include")):
            found = self.plant(f"actors/hidden{number}.cpp", f"{word} <brontes/runtime/node.hpp>\n")
            self.assertEqual(len(found), number + 1, word)

    def test_own_headers_have_one_spelling(self):
        self.assertIn("<brontes/...>", self.plant("actors/a.cpp", '#include "status.hpp"\n')[0])

    def test_a_test_harness_is_for_tests(self):
        self.write("actors/testkit/probe.hpp", "")
        found = self.plant("runtime/a.cpp", "#include <brontes/actors/testkit/probe.hpp>\n")
        self.assertTrue(any("is for tests" in line for line in found), found)

    def test_a_public_header_needs_what_it_includes_installed(self):
        self.write("actors/detail/inner.hpp", "")
        found = self.plant("actors/public.hpp", "#include <brontes/actors/detail/inner.hpp>\n")
        self.assertEqual(found, ["actors/public.hpp:1: is installed, but brontes/actors/detail/inner.hpp "
                                 "is not: list it in actors/CMakeLists.txt"])

    def test_a_file_that_is_not_listed_is_found(self):
        self.write("actors/forgotten.cpp", "")
        self.assertEqual(check_floors.check(self.root),
                         ["actors/forgotten.cpp:1: not listed in actors/CMakeLists.txt"])

    def test_a_test_that_nobody_builds_is_found(self):
        self.write("tests/unit/forgotten_test.cpp", "")
        self.assertEqual(check_floors.check(self.root),
                         ["tests/unit/forgotten_test.cpp:1: no CMakeLists.txt of tests names it"])
        self.write("tests/unit/CMakeLists.txt", "brontes_test(a SOURCES forgotten_test.cpp)")
        self.assertEqual(check_floors.check(self.root), [])


if __name__ == "__main__":
    unittest.main()
