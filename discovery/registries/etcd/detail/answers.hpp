// What etcd's errors mean for whoever asked.
#pragma once

#include <brontes/actors/status.hpp>

namespace brontes::etcd {

/// The connection is no good; else it was etcd itself that answered.
bool is_connection_lost(const Status& answer);
/// Another member may know better; what was asked may have been done all the same.
bool is_worth_another_member(const Status& answer);
/// The member has lost touch with the leader, or there is none.
bool is_leaderless(const Status& answer);
/// The token is missing, too old, or from before a restart of etcd.
bool is_token_refused(const Status& answer);
/// Authenticate was answered by a cluster that lets everybody in.
bool is_auth_off(const Status& answer);

/// The reason in a cancelled watch is text: "rpc error: code = Unauthenticated desc = ...".
Status status_of_reason(const std::string& reason);

}  // namespace brontes::etcd
