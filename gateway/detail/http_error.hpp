// A status as the body that clients of the gateway get.
#pragma once

#include <brontes/actors/status.hpp>
#include <brontes/gateway/detail/http_message.hpp>
#include <brontes/gateway/json_options.hpp>
#include <string>

namespace brontes::detail {

/// {"code":5,"message":"...","details":[...]}. Details of types that are not linked keep their
/// bytes: {"@type":"...","value":"<base64>"}.
void append_error(const Status& status, const JsonOptions& options, std::string& out);

/// The whole reply; http_code 0: by the table of codes.
HttpReply error_reply(const Status& status, const JsonOptions& options, int http_code = 0);

}  // namespace brontes::detail
