#include <brontes/actors/caf.hpp>
#include <caf/all.hpp>

namespace brontes {
namespace {

const auto kCategory = caf::atom("brontes");

}  // namespace

caf::error to_error(const Status& status) {
  if (status.ok()) return {};
  return {static_cast<std::uint8_t>(status.code()), kCategory,
          caf::make_message(status.message(), status.details())};
}

Status to_status(const caf::error& error) {
  if (!error) return {};
  if (error.category() == kCategory) {
    const auto code = static_cast<Errc>(error.code());
    if (error.context().match_elements<std::string, std::string>())
      return {code, error.context().get_as<std::string>(0), error.context().get_as<std::string>(1)};
    return {code, {}};
  }
  if (error == caf::sec::request_timeout) return {Errc::kDeadlineExceeded, "no answer in time"};
  if (error == caf::sec::request_receiver_down || error == caf::exit_reason::user_shutdown ||
      error == caf::exit_reason::unreachable || error == caf::exit_reason::kill ||
      error == caf::exit_reason::unknown)
    return {Errc::kUnavailable, "the actor that was asked is gone"};
  return {Errc::kInternal, caf::to_string(error)};
}

}  // namespace brontes
