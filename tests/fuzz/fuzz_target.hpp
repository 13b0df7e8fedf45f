// What a fuzz target is made of: one function that eats bytes. Under Clang libFuzzer calls it
// (tools/fuzz.sh); in the ordinary build smoke_main.cpp does, with the kept seeds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace brontes::fuzz {

/// What must hold for every input; ends the process otherwise, as a memory error would.
inline void require(bool holds, std::string_view what, std::string_view about = {}) {
  if (holds) return;
  const std::string text = "fuzz: " + std::string(what) + ": " + std::string(about) + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::abort();
}

/// Takes an input apart.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size)
      : rest_(reinterpret_cast<const char*>(data), size) {}

  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto first = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return first;
  }
  std::string_view line() {
    const auto end = rest_.find('\n');
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    return text;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace brontes::fuzz
