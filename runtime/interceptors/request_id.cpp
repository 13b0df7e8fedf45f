#include <algorithm>
#include <array>
#include <brontes/actors/call/call.hpp>
#include <brontes/runtime/interceptors/request_id.hpp>
#include <cstdint>
#include <cstring>
#include <functional>
#include <random>
#include <string_view>

namespace brontes {
namespace {

constexpr const char* kKey = "x-request-id";
constexpr std::size_t kLongest = 128;

// It goes to logs and to other services: nothing in it may need escaping there.
bool is_acceptable(const std::string& id) {
  return !id.empty() && id.size() <= kLongest &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c <= '~' && c != '"'; });
}

std::array<char, 512> hex_pairs() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, 512> pairs{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    pairs[2 * byte] = kDigits[byte >> 4];
    pairs[2 * byte + 1] = kDigits[byte & 15];
  }
  return pairs;
}

// 128 random bits, in hex.
std::string make_id() {
  static const auto kPairs = hex_pairs();
  thread_local std::mt19937_64 random = [] {
    std::random_device device;
    std::array<std::uint32_t, 8> seed;
    std::generate(seed.begin(), seed.end(), std::ref(device));
    std::seed_seq sequence(seed.begin(), seed.end());
    return std::mt19937_64(sequence);
  }();
  std::string id(32, '0');
  char* to = id.data();
  for (std::uint64_t bits : {random(), random()})
    for (int byte = 0; byte < 8; ++byte, bits >>= 8, to += 2)
      std::memcpy(to, &kPairs[2 * (bits & 255)], 2);
  return id;
}

}  // namespace

Status RequestId::on_headers(Call& call) {
  std::string id = call.metadata(kKey);
  const bool made = !is_acceptable(id);
  if (made)
    id = make_id();
  else
    call.add_header(kKey, id);
  call.set_request_id(std::move(id), made);
  return {};
}

}  // namespace brontes
