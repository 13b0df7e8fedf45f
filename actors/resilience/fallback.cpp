#include <brontes/actors/resilience/fallback.hpp>

namespace brontes::detail {

Status both_errors(const Status& cause, const Status& instead) {
  return {cause.code(), cause.message() + "; and instead of it: " + instead.to_string(),
          cause.details()};
}

}  // namespace brontes::detail
