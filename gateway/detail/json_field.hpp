// A number out of a message, as JSON.
#pragma once

#include <google/protobuf/message.h>

#include <string>

namespace brontes::detail {

/// Of a field that is a number; index -1: of a singular one. 64 bits are quoted, keys all.
void append_number(const google::protobuf::Message& m, const google::protobuf::FieldDescriptor& f,
                   int index, bool as_key, std::string& out);

}  // namespace brontes::detail
