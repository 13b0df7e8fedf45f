// The interceptors of a node: which, in which order, around which methods.
#pragma once

#include <brontes/actors/call/method_table.hpp>
#include <brontes/actors/status.hpp>
#include <brontes/runtime/settings.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace brontes::detail {

/// Not thread-safe.
class NodeChain {
 public:
  /// Innermost so far.
  void append(std::shared_ptr<Interceptor> interceptor);
  /// Directly outside of the one with that name. kInvalidArgument: there is none.
  Status insert(std::shared_ptr<Interceptor> interceptor, const std::string& before);

  /// Gives the table its interceptors, as the settings select them. kInvalidArgument with one line
  /// per name that means nothing here; `methods` are those that the table has or will have.
  Status install(MethodTable& table, const std::vector<const Method*>& methods,
                 const std::map<std::string, InterceptorSettings>& settings);

  /// A paragraph per method: its interceptors, outermost first, and why each of them is there.
  /// After install().
  std::string describe(const MethodTable& table) const;

 private:
  struct Planned {
    std::shared_ptr<Interceptor> interceptor;
    std::string why = "every method";
  };
  std::vector<std::string> unknown(
      const std::set<std::string>& methods,
      const std::map<std::string, InterceptorSettings>& settings) const;

  std::vector<Planned> planned_;
};

}  // namespace brontes::detail
