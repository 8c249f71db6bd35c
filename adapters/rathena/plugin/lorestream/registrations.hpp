// SPDX-License-Identifier: Apache-2.0 OR GPL-3.0-or-later
//
// Part of Lorestream. Compiled into rAthena it is used under the GNU General Public License, version 3 or later.
//
// NPCs whose registration the service has not confirmed: it was away when their scripts started.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "values.hpp"

namespace lorestream {

/// The newest registration of each NPC, under the id of its first try: the service takes a repetition for the same command.
class Registrations {
public:
	bool empty() const { return owed_.empty(); }

	/// False when too many wait.
	bool owe(const std::string& npc_id, const std::string& id, json body) {
		if (owed_.size() >= MOST && owed_.count(npc_id) == 0)
			return false;
		owed_[npc_id] = Owed{id, std::move(body)};
		return true;
	}

	void forget(const std::string& npc_id) { owed_.erase(npc_id); }

	/// An answer came. True when it settles a registration that was owed: confirmed, or refused for a reason of its own.
	bool answered(const std::string& id, int code) {
		for (auto owed = owed_.begin(); owed != owed_.end(); owed++)
			if (owed->second.id == id) {
				if (code <= -500)
					return false;
				owed_.erase(owed);
				return true;
			}
		return false;
	}

	/// Some to repeat now; every one has its turn.
	std::vector<json> next() {
		std::vector<json> bodies;
		auto here = owed_.upper_bound(last_);
		for (std::size_t count = 0; count < owed_.size() && count < AT_ONCE; count++, here++) {
			if (here == owed_.end())
				here = owed_.begin();
			bodies.push_back(here->second.body);
			last_ = here->first;
		}
		return bodies;
	}

private:
	static constexpr std::size_t MOST = 10000, AT_ONCE = 100;

	struct Owed {
		std::string id;
		json body;
	};

	std::map<std::string, Owed> owed_;
	std::string last_;
};

} // namespace lorestream
