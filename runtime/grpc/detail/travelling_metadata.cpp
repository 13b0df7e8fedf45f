#include <grpc/grpc.h>
#include <grpc/slice.h>
#include <brontes/actors/call/metadata.hpp>
#include <brontes/actors/log.hpp>
#include <brontes/runtime/grpc/detail/travelling_metadata.hpp>

namespace brontes::detail {
namespace {

grpc_slice slice_of(const std::string& text) {
  return grpc_slice_from_static_buffer(text.data(), text.size());
}

}  // namespace

bool can_travel(const std::string& key, const std::string& value) {
  const grpc_slice name = slice_of(key);
  if (grpc_header_key_is_legal(name) == 0) return false;
  return grpc_is_binary_header(name) != 0 ||
         grpc_header_nonbin_value_is_legal(slice_of(value)) != 0;
}

void drop_untravelling(std::multimap<std::string, std::string>& metadata, std::string_view path) {
  std::erase_if(metadata, [path](const auto& entry) {
    if (can_travel(entry.first, entry.second)) return false;
    log_warn("call", "header left out method={} cause=\"{}\"", path,
             check_metadata(entry.first, entry.second).message());
    return true;
  });
}

}  // namespace brontes::detail
