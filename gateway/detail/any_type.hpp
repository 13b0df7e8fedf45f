// The types that google.protobuf.Any can be printed and read as.
#pragma once

#include <google/protobuf/message.h>

#include <string>

namespace brontes::detail {

/// By the URL of an Any ("type.googleapis.com/shop.Order"). Types that are linked, and
/// google.rpc.BadRequest whether it is or not: errors of brontes carry it. Null: unknown.
const google::protobuf::Message* any_prototype(const std::string& url);

}  // namespace brontes::detail
