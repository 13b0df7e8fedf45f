// What is wrong with a request whatever the store holds. Messages are etcd's.
#pragma once

#include <brontes/actors/status.hpp>
#include <brontes/discovery/revision_store.hpp>
#include <string>

#include "etcd_api.pb.h"

namespace brontes::registry {

namespace api = etcdserverpb;

/// Of the keys that an etcd request names by `key` and `range_end`.
KeySpan key_span(const std::string& key, const std::string& range_end);

Status no_key();
Status check_form(const api::PutRequest& request);
/// Both branches, whichever is taken.
Status check_form(const api::TxnRequest& request);

}  // namespace brontes::registry
