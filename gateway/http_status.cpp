#include <array>
#include <brontes/gateway/http_status.hpp>
#include <cstddef>

namespace brontes {

int http_status(Errc code) {
  static constexpr std::array<int, 17> kTable = {200, 499, 500, 400, 504, 404, 409, 403, 429,
                                                 400, 409, 400, 501, 500, 503, 500, 401};
  const auto index = static_cast<std::size_t>(code);
  return index < kTable.size() ? kTable[index] : 500;
}

}  // namespace brontes
