// What every server that tests start on this machine needs: ports, and its tools' output.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace brontes::testing {

/// Free a moment ago; whoever takes them tries again with others when somebody was quicker.
std::vector<int> free_ports(std::size_t count);
/// "127.0.0.1:PORT"
std::string local(int port);
/// As one word of a shell's command.
std::string quoted(const std::string& word);
/// Of a shell's command.
std::string output_of(const std::string& command);

}  // namespace brontes::testing
