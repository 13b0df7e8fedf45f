// The one table that every door looks up.
#pragma once

#include <brontes/actors/call/interceptor.hpp>
#include <brontes/actors/call/method.hpp>
#include <brontes/actors/call/selection.hpp>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

namespace brontes {

/// An interceptor, and around which methods it may run.
struct Link {
  std::shared_ptr<Interceptor> interceptor;
  Selection selection;
};

/// Filled before the doors open, immutable and thread-safe from then on; outlives every door.
class MethodTable {
 public:
  explicit MethodTable(const Clock& clock = system_clock()) : clock_(clock) {}

  /// kAlreadyExists when the path is taken: the first handler stays.
  Status add(Method method);

  /// nullptr if there is none.
  const Method* find(std::string_view path) const;

  /// By path, in ascending order.
  const std::map<std::string_view, Method>& rows() const { return rows_; }

  /// Appends, for the rows that are there and those to come: the first one added is outermost.
  void intercept(std::shared_ptr<Interceptor> interceptor, Selection selection = {});
  const std::vector<Link>& links() const { return links_; }

  const Clock& clock() const { return clock_; }

 private:
  Chain chain_for(const Method& method) const;

  const Clock& clock_;
  std::map<std::string_view, Method> rows_;
  std::vector<Link> links_;
};

}  // namespace brontes
