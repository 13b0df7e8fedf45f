#include <algorithm>
#include <array>
#include <brontes/actors/call/call.hpp>
#include <brontes/runtime/interceptors/request_id.hpp>
#include <cstdint>
#include <functional>
#include <random>

namespace brontes {
namespace {

constexpr const char* kKey = "x-request-id";
constexpr std::size_t kLongest = 128;

// It goes to logs and to other services: nothing in it may need escaping there.
bool is_acceptable(const std::string& id) {
  return !id.empty() && id.size() <= kLongest &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c <= '~' && c != '"'; });
}

// 128 random bits, in hex.
std::string make_id() {
  thread_local std::mt19937_64 random = [] {
    std::random_device device;
    std::array<std::uint32_t, 8> seed;
    std::generate(seed.begin(), seed.end(), std::ref(device));
    std::seed_seq sequence(seed.begin(), seed.end());
    return std::mt19937_64(sequence);
  }();
  std::string id;
  id.reserve(32);
  for (std::uint64_t bits : {random(), random()})
    for (int shift = 60; shift >= 0; shift -= 4) id += "0123456789abcdef"[bits >> shift & 15];
  return id;
}

}  // namespace

Status RequestId::on_headers(Call& call) {
  std::string id = call.metadata(kKey);
  if (!is_acceptable(id)) id = make_id();
  call.add_header(kKey, id);
  call.set_request_id(std::move(id));
  return {};
}

}  // namespace brontes
