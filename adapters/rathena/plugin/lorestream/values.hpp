// SPDX-License-Identifier: Apache-2.0 OR GPL-3.0-or-later
//
// Part of Lorestream. Compiled into rAthena it is used under the GNU General Public License, version 3 or later.
//
// JSON as the script engine can bear it: parsed without exceptions, bounded in depth and size, read by paths.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "text.hpp"

namespace lorestream {

using json = nlohmann::json;

constexpr int MAX_DEPTH = 64;

/// The document in `text`; `discarded` when it is none, or nested deeper than MAX_DEPTH. Never throws.
inline json parsed(std::string_view text) {
	// Counted before parsing: a callback would not keep the parser itself from growing.
	int depth = 0;
	bool quoted = false;
	for (std::size_t at = 0; at < text.size(); at++) {
		const char found = text[at];
		if (quoted) {
			if (found == '\\')
				at++;
			else if (found == '"')
				quoted = false;
		} else if (found == '"')
			quoted = true;
		else if (found == '{' || found == '[') {
			if (++depth > MAX_DEPTH)
				return json(json::value_t::discarded);
		} else if (found == '}' || found == ']')
			depth--;
	}
	return json::parse(text.begin(), text.end(), nullptr, false);
}

/// The text of a value; bytes that are no UTF-8 never make it throw.
inline std::string written(const json& value) {
	return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// `text` as it may stand between the quotes of a JSON string, in at most `most` bytes. Never cut inside an escape sequence:
/// a backslash left at its end would escape the quote that a script puts behind it.
inline std::string escaped(std::string_view text, std::size_t most) {
	const std::string quoted = written(json(repaired(text)));
	const std::string_view whole = std::string_view(quoted).substr(1, quoted.size() - 2);
	std::size_t end = 0;
	while (end < whole.size()) {
		const std::size_t length = whole[end] != '\\' ? utf8_length(whole.substr(end)) : whole[end + 1] == 'u' ? 6 : 2;
		if (end + length > most)
			break;
		end += length;
	}
	return std::string(whole.substr(0, end));
}

/// What is at `path` ("a.b.1") inside `document`, or nullptr. An empty path is the document itself.
inline const json* at_path(const json& document, std::string_view path) {
	const json* here = &document;
	while (!path.empty()) {
		const std::size_t dot = path.find('.');
		const std::string key(path.substr(0, dot));
		path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
		if (here->is_object()) {
			const auto found = here->find(key);
			if (found == here->end())
				return nullptr;
			here = &*found;
		} else if (here->is_array() && !key.empty() && key.size() < 10 && key.find_first_not_of("0123456789") == std::string::npos) {
			const std::size_t place = std::stoul(key);
			if (place >= here->size())
				return nullptr;
			here = &(*here)[place];
		} else
			return nullptr;
	}
	return here;
}

/// A value as a script sees it: a number, or a text. Scripts end when they compare a text with a number, so whole
/// numbers and booleans are numbers, and everything else is a text. Nothing: the value is missing or null.
struct ScriptValue {
	bool is_number = false;
	std::int64_t number = 0;
	std::string text;
};

inline std::optional<ScriptValue> script_value(const json* value) {
	if (value == nullptr || value->is_null() || value->is_discarded())
		return std::nullopt;
	if (value->is_boolean())
		return ScriptValue{true, value->get<bool>() ? 1 : 0, ""};
	if (value->is_number_unsigned() && value->get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX))
		return ScriptValue{false, 0, written(*value)};
	if (value->is_number_integer())
		return ScriptValue{true, value->get<std::int64_t>(), ""};
	if (value->is_number_float()) {
		const double given = value->get<double>();
		if (std::trunc(given) == given && std::fabs(given) < 9007199254740992.0)
			return ScriptValue{true, static_cast<std::int64_t>(given), ""};
	}
	return ScriptValue{false, 0, value->is_string() ? value->get<std::string>() : written(*value)};
}

/// `value` with no text longer than `most` bytes and no list longer than `items`.
inline json shortened(const json& value, std::size_t most, std::size_t items) {
	if (value.is_string())
		return std::string(cut(value.get_ref<const std::string&>(), most));
	if (value.is_array()) {
		json kept = json::array();
		for (std::size_t place = 0; place < value.size() && place < items; place++)
			kept.push_back(shortened(value[place], most, items));
		return kept;
	}
	if (value.is_object()) {
		json kept = json::object();
		for (const auto& [key, inner] : value.items())
			kept[key] = shortened(inner, most, items);
		return kept;
	}
	return value;
}

/// The text of `answer` in at most `most` bytes: rAthena's mes kills the server with 40,000. Texts and lists are shortened
/// until it fits; the numbers and words scripts compare (error_code, status, valid) always stay.
inline std::string fitting(const json& answer, std::size_t most, std::size_t most_text) {
	std::size_t items = 4096;
	for (std::size_t text_bytes = most_text; text_bytes >= 16; text_bytes /= 2, items = items / 4 + 1) {
		std::string whole = written(shortened(answer, text_bytes, items));
		if (whole.size() <= most)
			return whole;
	}
	json least = {{"error_code", -105}, {"error_message", "the answer is too large for a script"}, {"truncated", true}};
	for (const char* kept : {"error_code", "status", "valid", "request_id"}) {
		const auto found = answer.find(kept);
		if (found != answer.end() && (found->is_number() || found->is_boolean() || (found->is_string() && found->get_ref<const std::string&>().size() < 128)))
			least[kept] = *found;
	}
	return written(least);
}

} // namespace lorestream
