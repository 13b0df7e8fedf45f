#include <brontes/actors/call/method_table.hpp>
#include <string>
#include <utility>

namespace brontes {

Status MethodTable::add(Method method) {
  const std::string_view path = method.path;
  if (path.size() < 4 || path.front() != '/' || path.rfind('/') < 2)
    return {Errc::kInvalidArgument,
            "add method '" + std::string(path) + "': a path is /package.Service/Method"};
  if (!rows_.emplace(path, std::move(method)).second)
    return {Errc::kAlreadyExists,
            "add method '" + std::string(path) + "': it has a handler already, which stays"};
  return {};
}

const Method* MethodTable::find(std::string_view path) const {
  const auto found = rows_.find(path);
  return found == rows_.end() ? nullptr : &found->second;
}

void MethodTable::intercept(std::shared_ptr<Interceptor> interceptor) {
  chain_.push_back(std::move(interceptor));
}

}  // namespace brontes
