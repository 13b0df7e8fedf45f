#include <brontes/actors/call/method_table.hpp>
#include <string>
#include <utility>

namespace brontes {
namespace {

void append(Chain& chain, const Link& link, const Method& method) {
  if (!link.selection.has(method)) return;
  if (auto chosen = link.interceptor->for_method(method, link.interceptor))
    chain.append(std::move(chosen));
}

}  // namespace

Status MethodTable::add(Method method) {
  const std::string_view path = method.path;
  if (path.size() < 4 || path.front() != '/' || path.rfind('/') < 2)
    return {Errc::kInvalidArgument,
            "add method '" + std::string(path) + "': a path is /package.Service/Method"};
  if (!rows_.contains(path)) method.chain = chain_for(method);
  if (!rows_.emplace(path, std::move(method)).second)
    return {Errc::kAlreadyExists,
            "add method '" + std::string(path) + "': it has a handler already, which stays"};
  return {};
}

const Method* MethodTable::find(std::string_view path) const {
  const auto found = rows_.find(path);
  return found == rows_.end() ? nullptr : &found->second;
}

void MethodTable::intercept(std::shared_ptr<Interceptor> interceptor, Selection selection) {
  const Link& link = links_.emplace_back(Link{std::move(interceptor), std::move(selection)});
  for (auto& [path, method] : rows_) append(method.chain, link, method);
}

Chain MethodTable::chain_for(const Method& method) const {
  Chain chain;
  for (const Link& link : links_) append(chain, link, method);
  return chain;
}

}  // namespace brontes
