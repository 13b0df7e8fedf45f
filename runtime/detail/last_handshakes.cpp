#include <linux/filter.h>
#include <sys/socket.h>
#include <brontes/runtime/detail/last_handshakes.hpp>

#include <array>
#include <cstdint>

namespace brontes::detail {
namespace {

// The kernel shows the filter of a TCP socket the segment from the TCP header on.
constexpr std::uint32_t kFlagsAt = 13;
constexpr std::uint32_t kSyn = 0x02, kSynOrAck = 0x12;
constexpr std::uint32_t kDrop = 0, kKeepAll = 0xffffffff;

}  // namespace

bool begin_no_handshake(int listening_fd) {
  std::array<sock_filter, 5> program = {{
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kFlagsAt),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, kSynOrAck),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kSyn, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, kDrop),
      BPF_STMT(BPF_RET | BPF_K, kKeepAll),
  }};
  const sock_fprog filter{program.size(), program.data()};
  return ::setsockopt(listening_fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0;
}

}  // namespace brontes::detail
