// SPDX-License-Identifier: Apache-2.0 OR GPL-3.0-or-later
//
// Part of Lorestream. Compiled into rAthena it is used under the GNU General Public License, version 3 or later.
//
// conf/lorestream.conf: the keys of the specification's appendix B, and a few that a real map-server needs.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <string>

namespace lorestream {

enum class Level { debug = 0, info = 1, warning = 2, error = 3, fatal = 4 };

using Log = std::function<void(Level, const std::string&)>;

struct Configuration {
	std::string communication_mode = "native"; ///< native, http (only httppost works) or dual
	std::string zmq_endpoint = "tcp://127.0.0.1:5555";
	std::string server = "map-1"; ///< which game server this is: part of every command's identity
	std::string curve_server_key;
	std::string curve_public_key;
	std::string curve_secret_key;
	std::string client_encoding; ///< code page of the game's clients, e.g. CP874; empty: UTF-8

	int default_timeout_ms = 250; ///< how long the game may stand still for a command
	int query_timeout_ms = 250;
	int llm_timeout_ms = 1000; ///< a dialogue asked for synchronously; asynchronous requests name their own
	int async_timeout_ms = 5000;
	int connect_timeout_ms = 250; ///< once, at the very first command

	int max_pending_requests = 1000;
	int callback_cleanup_interval_ms = 60000; ///< how long an answer is kept after it came
	int hold_callback_ms = 30000; ///< how long a callback waits for the player to end a dialog

	bool enable_fallback = true; ///< a failed dialogue answers "..." for scripts that look at no error code
	int circuit_breaker_threshold = 5;
	int circuit_breaker_timeout_ms = 30000;
	int circuit_breaker_budget_ms = 250; ///< waiting in vain that opens the breaker whatever the threshold

	bool enable_request_batching = true;
	int batch_max_size = 10;
	int batch_wait_ms = 20;

	int max_text_bytes = 2000; ///< longest text a script gets
	int max_json_bytes = 8000; ///< longest JSON a script gets

	Level log_level = Level::info;
	bool log_requests = false;
	bool log_responses = false;
	bool log_performance = false;
};

namespace settings {

inline std::string trimmed(const std::string& text) {
	const std::size_t first = text.find_first_not_of(" \t\r\n");
	return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// The value without a comment behind it: "# ..." and "// ..." count only after white space, addresses hold slashes.
inline std::string without_comment(const std::string& line) {
	for (std::size_t at = 0; at < line.size(); at++) {
		const bool begins = at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t';
		if (begins && (line[at] == '#' || line[at] == ';' || line.compare(at, 2, "//") == 0))
			return line.substr(0, at);
	}
	return line;
}

struct Reader {
	std::string origin;
	Log log;
	int number;

	void wrong(const std::string& key, const std::string& value, const std::string& remedy) const {
		log(Level::warning, origin + ":" + std::to_string(number) + ": " + key + " = '" + value.substr(0, 64) + "' is ignored: " + remedy);
	}

	void read(const std::string& key, const std::string& value, int& into, int least, int most) const {
		char* end = nullptr;
		const long found = std::strtol(value.c_str(), &end, 10);
		if (value.empty() || *end != '\0' || found < least || found > most)
			wrong(key, value, "give a number from " + std::to_string(least) + " to " + std::to_string(most));
		else
			into = static_cast<int>(found);
	}

	void read(const std::string& key, const std::string& value, bool& into) const {
		if (value == "true" || value == "yes" || value == "on" || value == "1")
			into = true;
		else if (value == "false" || value == "no" || value == "off" || value == "0")
			into = false;
		else
			wrong(key, value, "give true or false");
	}

	void read(const std::string& key, const std::string& value, Level& into) const {
		static const std::map<std::string, Level> names = {{"DEBUG", Level::debug}, {"INFO", Level::info}, {"WARNING", Level::warning}, {"ERROR", Level::error}, {"FATAL", Level::fatal}};
		const auto found = names.find(value);
		if (found == names.end())
			wrong(key, value, "give DEBUG, INFO, WARNING, ERROR or FATAL");
		else
			into = found->second;
	}
};

} // namespace settings

/// The settings of a file in the form `key = value` or `key: value`; sections in brackets are allowed and ignored. What is
/// missing keeps its default; what is wrong is told to `log` with file, line and remedy, and keeps its default, too.
inline Configuration read_configuration(const std::string& path, const Log& log) {
	Configuration made;
	std::ifstream file(path);
	if (!file) {
		log(Level::info, path + " does not exist: the defaults are used");
		return made;
	}
	constexpr int minute = 60000, day = 86400000;
	settings::Reader reader{path, log, 0};
	using Read = std::function<void(const std::string&, const std::string&)>;
	const auto text = [](std::string& into) { return [&into](const std::string&, const std::string& value) { into = value; }; };
	const auto number = [&reader](int& into, int least, int most) {
		return [&reader, &into, least, most](const std::string& key, const std::string& value) { reader.read(key, value, into, least, most); };
	};
	const auto flag = [&reader](bool& into) { return [&reader, &into](const std::string& key, const std::string& value) { reader.read(key, value, into); }; };
	const std::map<std::string, Read> known = {
		{"communication_mode", [&reader, &made](const std::string& key, const std::string& value) {
			if (value == "native" || value == "http" || value == "dual")
				made.communication_mode = value;
			else
				reader.wrong(key, value, "give native, http or dual");
		}},
		{"zmq_endpoint", text(made.zmq_endpoint)},
		{"server", text(made.server)},
		{"curve_server_key", text(made.curve_server_key)},
		{"curve_public_key", text(made.curve_public_key)},
		{"curve_secret_key", text(made.curve_secret_key)},
		{"client_encoding", text(made.client_encoding)},
		{"default_timeout_ms", number(made.default_timeout_ms, 1, minute)},
		{"query_timeout_ms", number(made.query_timeout_ms, 1, minute)},
		{"llm_timeout_ms", number(made.llm_timeout_ms, 1, minute)},
		{"async_timeout_ms", number(made.async_timeout_ms, 1, 5 * minute)},
		{"connect_timeout_ms", number(made.connect_timeout_ms, 0, minute)},
		{"max_pending_requests", number(made.max_pending_requests, 1, 1000000)},
		{"callback_cleanup_interval_ms", number(made.callback_cleanup_interval_ms, 1000, day)},
		{"hold_callback_ms", number(made.hold_callback_ms, 0, day)},
		{"enable_fallback", flag(made.enable_fallback)},
		{"circuit_breaker_threshold", number(made.circuit_breaker_threshold, 1, 10000)},
		{"circuit_breaker_timeout_ms", number(made.circuit_breaker_timeout_ms, 1, day)},
		{"circuit_breaker_budget_ms", number(made.circuit_breaker_budget_ms, 1, minute)},
		{"enable_request_batching", flag(made.enable_request_batching)},
		{"batch_max_size", number(made.batch_max_size, 1, 10)},
		{"batch_wait_ms", number(made.batch_wait_ms, 0, 1000)},
		{"max_text_bytes", number(made.max_text_bytes, 64, 16000)},
		{"max_json_bytes", number(made.max_json_bytes, 512, 16000)},
		{"log_level", [&reader, &made](const std::string& key, const std::string& value) { reader.read(key, value, made.log_level); }},
		{"log_requests", flag(made.log_requests)},
		{"log_responses", flag(made.log_responses)},
		{"log_performance", flag(made.log_performance)},
	};
	std::string line;
	while (std::getline(file, line)) {
		reader.number++;
		line = settings::trimmed(settings::without_comment(line));
		const std::size_t separator = line.find_first_of("=:");
		if (line.empty() || line.front() == '[')
			continue;
		if (separator == std::string::npos) {
			reader.wrong(line, "", "write key = value");
			continue;
		}
		const std::string key = settings::trimmed(line.substr(0, separator));
		const auto found = known.find(key);
		if (found == known.end())
			reader.wrong(key, "", "there is no such setting");
		else
			found->second(key, settings::trimmed(line.substr(separator + 1)));
	}
	return made;
}

} // namespace lorestream
