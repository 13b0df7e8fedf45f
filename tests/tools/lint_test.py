"""Each lint rule finds its case, and quoting notices a difference."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import lint
import quote


class Tree(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name).resolve()

    def write(self, file, text):
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path


class Lint(Tree):
    def rules(self, file, text):
        self.write(file, text)
        return [line.rsplit("[")[-1].rstrip("]") for line in lint.lint(self.root, [file])]

    def test_clean_code_is_clean(self):
        self.assertEqual(self.rules("actors/a.hpp", "// A.\n#pragma once\nint a();\n"), [])

    def test_banned_calls(self):
        for rule, code in {
                "sleep": "std::this_thread::sleep_for(1s);",
                "clock": "auto t = std::chrono::steady_clock::now();",
                "thread": "worker.detach();",
                "blocking-actor": "caf::scoped_actor self{system};",
                "output": "std::cout << 1;",
                "exit": "std::exit(1);",
                "random": "int r = rand();",
                "mark": "int a;  // TO" + "DO: b",
                "using-std": "using namespace std;",
                "log-value": 'log_warn(kName, "lease lost cause={}", why);',
        }.items():
            self.assertEqual(self.rules("discovery/a.cpp", code + "\n"), [rule], code)

    def test_functions_end_somewhere(self):
        lines = "  a();\n" * 38
        self.assertEqual(self.rules("discovery/a.cpp", "void f() {\n" + lines + "}\n"), [])
        self.assertEqual(self.rules("discovery/a.cpp", "void f() {\n" + lines + "  a();\n}\n"),
                         ["function"])

    def test_every_spelling_of_the_time(self):
        for code in (
                "using C = std::chrono::steady_clock;", "std::chrono::utc_clock::now();",
                "auto t = std::chrono::steady_clock ::", "    system_clock::", "TimePoint::clock::now();",
                "decltype(t)::clock::now();", "time(&t);", "time( nullptr );", "std::time(0);", "::clock();",
                "timespec_get(&t, 1);", "ftime(&t);", "times(&t);", "syscall(SYS_clock_gettime, 0, &t);",
                "__rdtsc();", "time({});", "time((time_t*)0);", "time( (std::time_t *) 0);",
                "time(static_cast<time_t*>(nullptr));", "Chronicle::clock_type::now();", "gpr_now(GPR_CLOCK_REALTIME);", "gpr_convert_clock_type(t, GPR_TIMESPAN);",
                "grpc_timeout_milliseconds_to_deadline(1);", "absl::Now();", "absl::GetCurrentTimeNanos();",
                "TimeUtil::GetCurrentTime();", "caf::make_timestamp();", 'f("a //b", steady_clock::now());'):
            self.assertEqual(self.rules("discovery/a.cpp", code + "\n"), ["clock"], code)

    def test_every_spelling_of_a_sleep_and_a_timer(self):
        for code in ("clock_nanosleep(0, 0, &t, 0);", "thrd_sleep(&t, 0);", "absl::SleepFor(d);", "usleep(1);",
                     "poll(nullptr, 0, 5);", "::select(0, 0, 0, 0, &t);", "epoll_wait(fd, &event, 1, 5);",
                     "epoll_pwait2(fd, &event, 1, &t, nullptr);"):
            self.assertEqual(self.rules("tests/a.cpp", code + "\n"), ["sleep"], code)
        for code in ("asio::steady_timer t;", "grpc::Alarm a;", "self->delayed_send(a, d, m);",
                     "timerfd_create(0, 0);", "setitimer(0, &t, 0);"):
            self.assertEqual(self.rules("gateway/a.inl", code + "\n"), ["timer"], code)

    def test_every_spelling_of_a_wait(self):
        for code in ("answer.wait_for(1s);", "latch->wait();", "future.wait( );", "gate.try_acquire_for(1s);"):
            self.assertEqual(self.rules("discovery/a.cpp", code + "\n"), ["wait"], code)
        for code in ("changed.wait(lock, [&] { return done; });", "count.wait(old);"):
            self.assertEqual(self.rules("discovery/a.cpp", code + "\n"), [], code)

    def test_processor_time_is_a_clock_and_a_getter_is_not(self):
        for code in ("auto t = std::clock();", "return clock() - t;"):
            self.assertEqual(self.rules("discovery/a.cpp", code + "\n"), ["clock"], code)
        self.assertEqual(self.rules("discovery/a.cpp", "now(system.clock());\n"), [])

    def test_every_spelling_of_an_end_and_an_output(self):
        for rule, code in (("exit", "exit(1);"), ("exit", "_Exit(1);"), ("exit", "::abort();"),
                           ("output", "fprintf(stderr, f);"), ("output", "puts(s);"),
                           ("output", "fmt::print(f);"), ("async", "std::async(f);")):
            self.assertEqual(self.rules("runtime/a.cpp", code + "\n"), [rule], code)

    def test_our_own_clock_may_be_asked(self):
        self.assertEqual(self.rules("runtime/a.cpp", "system_clock().now();\ncall.clock().now();\n"), [])
        self.assertEqual(self.rules("actors/a.cpp", "const Clock& System::clock() const {\n"), [])

    def test_the_clock_may_read_the_clock(self):
        code = "return std::chrono::steady_clock::now();\n"
        self.assertEqual(self.rules("actors/clock.cpp", code), [])

    def test_a_comment_calls_nothing(self):
        self.assertEqual(self.rules("actors/a.cpp", "// never sleep( or std::cout\n"), [])

    def test_an_allowed_line_passes(self):
        self.assertEqual(self.rules("actors/a.cpp", "std::abort();  // lint: allow(exit)\n"), [])

    def test_characters_and_blanks(self):
        self.assertEqual(self.rules("actors/a.cpp", "int a; \n"), ["blanks"])
        self.assertEqual(self.rules("actors/a.cpp", "\tint a;\n"), ["tab"])
        self.assertEqual(self.rules("actors/a.cpp", "// caf\u00e9\n"), ["ascii"])
        self.assertEqual(self.rules("actors/a.cpp", "int a;"), ["blanks"])

    def test_a_header_guards_itself(self):
        self.assertEqual(self.rules("actors/a.hpp", "int a();\n"), ["pragma"])

    def test_a_link_leads_somewhere(self):
        self.write("docs/calls.md", "")
        for good in ("[b](docs/calls.md#x)", "[b](https://b.example/b)", "[b](#b)", "see docs/calls.md"):
            self.assertEqual(self.rules("README.md", good + "\n"), [], good)
        self.assertEqual(self.rules("README.md", "[b](docs)\n[b](gone.md)\n"), ["link"])
        self.assertEqual(self.rules("actors/a.cpp", "// See docs/" + "gone.md.\n"), ["link"])

    def test_long_files(self):
        self.assertEqual(self.rules("actors/a.cpp", "int a;\n" * 301), ["length"])
        self.assertEqual(self.rules("tests/a.cpp", "int a;\n" * 301), [])
        self.assertEqual(self.rules("tests/a.cpp", "int a;\n" * 401), ["length"])

    def test_scripts_without_an_ending_are_looked_at_and_other_files_are_not(self):
        self.assertEqual(self.rules("tests/a/run", "#!/bin/sh\n\tls \n"), ["blanks", "tab"])
        self.assertEqual(self.rules("tests/a/seed", "\tls \n"), [])


class Quote(Tree):
    BLOCK = "<!-- quote: examples/a.cpp#serve -->\n```cpp\n{}```\n"

    def setUp(self):
        super().setUp()
        self.write("examples/a.cpp", "int b;\n  // [serve]\n  serve();\n  // [serve]\n")

    def test_an_equal_quote_passes(self):
        page = self.write("README.md", self.BLOCK.format("serve();\n"))
        self.assertEqual(quote.check(self.root, page, None), [])

    def test_a_different_quote_is_found_and_fixed(self):
        page = self.write("README.md", self.BLOCK.format("serves();\n"))
        self.assertIn("README.md:1: differs", quote.check(self.root, page, None)[0])
        self.assertEqual(quote.check(self.root, page, "fix"), [])
        self.assertEqual(page.read_text(), self.BLOCK.format("serve();\n"))

    def test_a_missing_source_or_mark_is_found(self):
        page = self.write("README.md", self.BLOCK.replace("#serve", "#no").format(""))
        self.assertIn("no two lines", quote.check(self.root, page, None)[0])
        page = self.write("README.md", self.BLOCK.replace("a.cpp", "b.cpp").format(""))
        self.assertIn("does not exist", quote.check(self.root, page, None)[0])

    def test_a_quote_without_a_block_is_found(self):
        page = self.write("README.md", "<!-- quote: examples/a.cpp#serve -->\ntext\n")
        self.assertEqual(len(quote.check(self.root, page, None)), 1)


if __name__ == "__main__":
    unittest.main()
