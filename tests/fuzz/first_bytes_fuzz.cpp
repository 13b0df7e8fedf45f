// What the shared port makes of the first bytes of a connection: a decision is never taken back
// when more bytes come. Input: how much of them comes first, then the bytes.
#include <brontes/runtime/detail/classify.hpp>
#include <brontes/runtime/detail/client_hello.hpp>
#include <brontes/runtime/detail/hpack.hpp>

#include "fuzz_target.hpp"

namespace {

using namespace brontes::detail;
using brontes::fuzz::require;

bool is_decided(Speaker speaker) {
  return speaker != Speaker::kUnclear && speaker != Speaker::kWantsSettings;
}

void check_classify(std::string_view first, std::string_view all) {
  const FirstLook early = classify(first), late = classify(all);
  if (is_decided(early.speaker))
    require(early.speaker == late.speaker, "more bytes change who speaks", all);
  else if (early.speaker == Speaker::kWantsSettings)
    require(late.speaker != Speaker::kUnclear && late.speaker != Speaker::kTls &&
                late.speaker != Speaker::kHttp1,
            "HTTP/2 became something else", all);
  if (early.stream != 0) require(late.stream == early.stream, "the first stream changes", all);
  if (early.settings_ack_at)
    require(late.settings_ack_at == early.settings_ack_at, "the acknowledgement moves", all);
  if (late.settings_ack_at)
    require(*late.settings_ack_at + kSettingsAckSize <= all.size(), "it lies outside", all);
}

void check_hello(std::string_view first, std::string_view all) {
  const ClientHello early = parse_client_hello(first), late = parse_client_hello(all);
  if (early.state == ClientHello::State::kNeedMore) return;
  require(early.state == late.state, "more bytes change the verdict about a hello", all);
  require(early.alpn == late.alpn, "more bytes change what a client offers", all);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  brontes::fuzz::Input input(data, size);
  const std::size_t share = input.byte();
  const std::string_view all = input.rest();
  const std::string_view first = all.substr(0, all.size() * share / 255);
  check_classify(first, all);
  check_hello(first, all);
  (void)is_grpc_request(all);
  return 0;
}
