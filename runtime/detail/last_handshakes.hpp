// A listening socket that begins no handshake any more, and finishes those under way.
#pragma once

namespace brontes::detail {

/// Closing a listening socket resets every connection that the kernel set up and nobody accepted:
/// a client may have sent its request already. From here on the kernel drops new SYNs instead, as
/// if the network had lost them; handshakes under way still end in the queue. After a round trip
/// and an accept until the queue is empty, closing resets nobody: who was dropped asks again, 1 s
/// later, and is refused before sending anything.
///
/// False where the kernel has no socket filters: then a connection set up between the last accept
/// and the close is reset.
bool begin_no_handshake(int listening_fd);

}  // namespace brontes::detail
