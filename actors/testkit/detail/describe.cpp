#include <cxxabi.h>

#include <brontes/actors/testkit/detail/stage.hpp>
#include <caf/type_erased_tuple.hpp>
#include <cstdlib>
#include <memory>

namespace brontes::detail {
namespace {

// "brontes::GrantLease" -> "GrantLease", also inside of template arguments.
std::string without_namespaces(const std::string& name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name.compare(i, 2, "::") != 0) {
      out += name[i];
      continue;
    }
    const auto word = out.find_last_of("<, (&*");
    out.erase(word == std::string::npos ? 0 : word + 1);
    ++i;
  }
  return out;
}

}  // namespace

std::string type_name(const std::type_info& type) {
  int failed = 0;
  const std::unique_ptr<char, void (*)(void*)> name(
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &failed), std::free);
  return without_namespaces(failed == 0 ? name.get() : type.name());
}

std::string describe(const caf::type_erased_tuple& message) {
  if (message.empty()) return "(done)";
  std::string out;
  for (std::size_t i = 0; i < message.size(); ++i) {
    if (i > 0) out += ", ";
    if (message.match_element<caf::error>(i))
      out += "error " + to_status(message.get_as<caf::error>(i)).to_string();
    else if (const auto* type = message.type(i).second)
      out += type_name(*type);
    else
      out += message.stringify(i);
  }
  return out;
}

}  // namespace brontes::detail
