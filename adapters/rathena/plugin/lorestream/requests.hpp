// SPDX-License-Identifier: Apache-2.0 OR GPL-3.0-or-later
//
// Part of Lorestream. Compiled into rAthena it is used under the GNU General Public License, version 3 or later.
//
// Asynchronous requests of this game server: what is pending, how it ended, whose callback is due.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>

#include "values.hpp"

namespace lorestream {

/// Whom an outcome is for. The character, not the account or a script state: it survives a relog and a @reloadscript.
struct Recipient {
	std::string npc; ///< the unique name of the NPC whose label is called
	std::string label; ///< empty: nobody is called
	std::int64_t char_id = 0; ///< 0: no player was attached
};

struct Callback {
	std::string request_id;
	Recipient to;
	std::int64_t since = 0; ///< when it became due
};

class Requests {
public:
	explicit Requests(std::int64_t keep_ms) : keep_ms_(keep_ms) {}

	std::size_t pending() const { return pending_; }

	void open(const std::string& id, Recipient to, std::int64_t now, std::int64_t timeout_ms) {
		Request& made = all_[id];
		made.to = std::move(to);
		made.began = now;
		agenda_.emplace(now + timeout_ms, id);
		pending_++;
	}

	/// The service took the request under its own id.
	void accepted(const std::string& id, const std::string& service_id) {
		const auto found = all_.find(id);
		if (found != all_.end())
			found->second.service_id = service_id;
	}

	/// The service's id of a request, empty while it is unknown.
	std::string service_id(const std::string& id) const {
		const auto found = all_.find(id);
		return found == all_.end() ? "" : found->second.service_id;
	}

	bool is_pending(const std::string& id) const {
		const auto found = all_.find(id);
		return found != all_.end() && found->second.status == "pending";
	}

	bool knows(const std::string& id) const { return all_.count(id) > 0; }

	/// End a request; an outcome that comes second, or too late, changes nothing. True when it was the first.
	bool finish(const std::string& id, const std::string& status, json answer, std::int64_t now) {
		const auto found = all_.find(id);
		if (found == all_.end() || found->second.status != "pending")
			return false;
		Request& request = found->second;
		request.status = status;
		request.answer = std::move(answer);
		request.ended = now;
		agenda_.emplace(now + keep_ms_, id);
		pending_--;
		if (!request.to.label.empty() && status != "cancelled")
			due_.push_back(Callback{id, request.to, now});
		return true;
	}

	/// Mark what is over its time, and forget what ended long ago. Costs nothing while nothing is due.
	void sweep(std::int64_t now) {
		while (!agenda_.empty() && agenda_.begin()->first <= now) {
			const std::string id = std::move(agenda_.begin()->second);
			agenda_.erase(agenda_.begin());
			const auto found = all_.find(id);
			if (found == all_.end())
				continue;
			if (found->second.status == "pending")
				finish(id, "timeout", {{"error_code", -501}, {"error_message", "no answer in time"}}, now);
			else if (now - found->second.ended >= keep_ms_)
				all_.erase(found);
		}
	}

	/// What ai_check_result answers: always status, elapsed_ms and error_code, and the result's fields on top as well.
	json check(const std::string& id, std::int64_t now) const {
		const auto found = all_.find(id);
		if (found == all_.end())
			return {{"status", "not_found"}, {"elapsed_ms", 0}, {"error_code", -101}, {"error_message", "request_id: there is no such request, or it ended long ago"}};
		const Request& request = found->second;
		json told = request.answer.is_object() ? request.answer : json::object();
		const std::int64_t until = request.status == "pending" ? now : request.ended;
		const json result = told.contains("result") && told["result"].is_object() ? told["result"] : json::object();
		for (const auto& [key, value] : result.items())
			if (!told.contains(key))
				told[key] = value;
		told["status"] = request.status;
		told["elapsed_ms"] = until - request.began;
		if (!told.contains("error_code") || !told["error_code"].is_number_integer())
			told["error_code"] = request.status == "cancelled" ? -202 : 0;
		return told;
	}

	/// Callbacks that became due, oldest first. Whoever cannot be called yet is put back with `hold`.
	std::deque<Callback> take_due() { return std::exchange(due_, {}); }
	void hold(Callback callback) { due_.push_back(std::move(callback)); }

private:
	struct Request {
		Recipient to;
		std::string service_id;
		std::string status = "pending";
		json answer;
		std::int64_t began = 0, ended = 0;
	};

	std::int64_t keep_ms_;
	std::map<std::string, Request> all_;
	std::multimap<std::int64_t, std::string> agenda_; ///< when to look at which request again
	std::deque<Callback> due_;
	std::size_t pending_ = 0;
};

} // namespace lorestream
