#include <nghttp2/nghttp2.h>
#include <brontes/runtime/detail/hpack.hpp>
#include <memory>

namespace brontes::detail {
namespace {

struct DeleteInflater {
  void operator()(nghttp2_hd_inflater* inflater) const { nghttp2_hd_inflate_del(inflater); }
};
using Inflater = std::unique_ptr<nghttp2_hd_inflater, DeleteInflater>;

Inflater make_inflater() {
  nghttp2_hd_inflater* inflater = nullptr;
  nghttp2_hd_inflate_new(&inflater);
  return Inflater(inflater);
}

bool is_grpc_content_type(const nghttp2_nv& header) {
  const std::string_view name(reinterpret_cast<const char*>(header.name), header.namelen);
  const std::string_view value(reinterpret_cast<const char*>(header.value), header.valuelen);
  return name == "content-type" && value.starts_with("application/grpc") &&
         !value.starts_with("application/grpc-web");
}

}  // namespace

bool is_grpc_request(std::string_view block) {
  const Inflater inflater = make_inflater();
  const auto* at = reinterpret_cast<const std::uint8_t*>(block.data());
  std::size_t left = block.size();
  bool grpc = false;
  while (inflater) {
    nghttp2_nv header{};
    int flags = 0;
    const auto used = nghttp2_hd_inflate_hd2(inflater.get(), &header, &flags, at, left, 1);
    if (used < 0) return false;
    at += used;
    left -= static_cast<std::size_t>(used);
    const bool emitted = (flags & NGHTTP2_HD_INFLATE_EMIT) != 0;
    if (emitted && is_grpc_content_type(header)) grpc = true;
    if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0 || (!emitted && left == 0)) return grpc;
  }
  return false;
}

}  // namespace brontes::detail
