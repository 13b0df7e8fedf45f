// A fuzz target as an ordinary test: every kept seed, then mutations of them, the same ones each
// time.
//
//   fuzz_json SEEDS_FOLDER [MUTATIONS]
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <vector>

#include "fuzz_target.hpp"

namespace {

using Random = std::mt19937;

std::vector<std::string> read_seeds(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<std::string> seeds;
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return seeds;
}

// Not std::uniform_int_distribution: its numbers depend on the library.
std::size_t below(Random& random, std::size_t bound) { return bound == 0 ? 0 : random() % bound; }

void mutate(std::string& bytes, const std::string& other, Random& random) {
  const std::size_t at = below(random, bytes.size() + 1);
  const std::size_t length = below(random, std::min<std::size_t>(bytes.size() - at, 16) + 1);
  switch (below(random, 6)) {
    case 0:
      if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(random, 8)));
      break;
    case 1:
      if (at < bytes.size()) bytes[at] = static_cast<char>(below(random, 256));
      break;
    case 2:
      bytes.erase(at, length);
      break;
    case 3:
      bytes.insert(at, bytes.substr(at, length));
      break;
    case 4:
      bytes.resize(at);
      break;
    default:
      bytes.replace(at, length, other, below(random, other.size()), length);
  }
}

void run(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

}  // namespace

int main(int argc, char** argv) {
  const auto seeds = argc > 1 ? read_seeds(argv[1]) : std::vector<std::string>();
  if (seeds.empty()) {
    std::cerr << "usage: " << argv[0] << " SEEDS_FOLDER [MUTATIONS]; there must be seeds\n";
    return 2;
  }
  const int mutations = argc > 2 ? std::atoi(argv[2]) : 3000;
  for (const std::string& seed : seeds) run(seed);
  Random random(20221);
  for (int i = 0; i < mutations; ++i) {
    std::string bytes = seeds[below(random, seeds.size())];
    for (std::size_t steps = 1 + below(random, 4); steps > 0; --steps)
      mutate(bytes, seeds[below(random, seeds.size())], random);
    run(bytes);
  }
  std::cout << seeds.size() << " seeds, " << mutations << " mutations: ok\n";
}
