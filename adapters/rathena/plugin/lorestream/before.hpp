// SPDX-License-Identifier: Apache-2.0 OR GPL-3.0-or-later
//
// Part of Lorestream. Compiled into rAthena it is used under the GNU General Public License, version 3 or later.
//
// The older scripts' httppost (specification 7.2, samples "before"): the same requests, over the native connection.
#pragma once

#include <string>
#include <string_view>

#include "client.hpp"

namespace lorestream {

/// The question that a body posted to "/api/npc/OPERATION" stands for.
inline Question posted(std::string_view path, const json& body) {
	Question question;
	question.operation = std::string(path.substr(path.find_last_of('/') + 1));
	json data = body.contains("data") && body["data"].is_object() ? body["data"] : json::object();
	for (const auto& [key, value] : body.items()) {
		if (key == "npc_id" && value.is_string())
			question.npc_id = value.get<std::string>();
		else if (key != "data")
			data[key] = value;
	}
	if (question.operation == "interact" && !body.contains("interaction_type"))
		question.operation = "dialogue";
	else if (question.operation == "movement") {
		question.operation = "pathfind";
		for (const char* axis : {"x", "y"}) {
			const std::string old = std::string("target_") + axis;
			if (data.contains(old)) {
				data[std::string("destination_") + axis] = data[old];
				data.erase(old);
			}
		}
	}
	question.data = std::move(data);
	return question;
}

/// The answer as those scripts read it: its fields on top, a target in both shapes.
inline json posted_answer(json answer) {
	if (answer.contains("target") && answer["target"].is_object())
		for (const char* axis : {"x", "y"})
			if (answer["target"].contains(axis))
				answer[std::string("target_") + axis] = answer["target"][axis];
	return answer;
}

} // namespace lorestream
