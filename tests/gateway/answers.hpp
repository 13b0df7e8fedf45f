// What the backend answers, however it is written and hosted.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/actors/status.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "testsvc.pb.h"

namespace brontes::conformance {

/// What a handler knows of its call.
struct Facts {
  std::string_view path;
  std::vector<std::pair<std::string, std::string>> metadata;  ///< keys in lower case; "-bin": bytes
  std::optional<Duration> left;                               ///< until the deadline
};

/// The answer of most methods: what arrived.
gwtest::v1::EchoReply describe(const Facts& facts, const google::protobuf::Message& request);

/// The status that the request wants, with its details packed.
Status failure(const gwtest::v1::FailRequest& request);

/// The value of a header or trailer that the request wants, as it is sent.
std::string metadata_value(const std::string& key, const std::string& given);

void describe(const google::api::HttpBody& body, gwtest::v1::UploadReply& reply);
void describe(const gwtest::v1::UploadRequest& request, gwtest::v1::UploadReply& reply);

gwtest::v1::Item big(const gwtest::v1::BigRequest& request);
void add(const gwtest::v1::Item& item, gwtest::v1::Summary& summary);
gwtest::v1::Item echo_of(const gwtest::v1::Item& item);

/// ServerStream: the item after so many, or its status.
gwtest::v1::Item item_after(int sent, const gwtest::v1::StreamRequest& request);
std::optional<Status> end_after(int sent, const gwtest::v1::StreamRequest& request);

}  // namespace brontes::conformance
