#include <brontes/actors/log.hpp>
#include <brontes/actors/plumbing.hpp>
#include <string>

namespace brontes::detail {

std::shared_ptr<const Rails> resume_rails(std::string_view name) {
  auto rails = std::make_shared<Rails>();
  rails->resume = true;
  rails->on_resume = [name = std::string(name)](const Status& why) {
    log_error(name, "message given up cause=\"{}\"", why.message());
  };
  return rails;
}

}  // namespace brontes::detail
