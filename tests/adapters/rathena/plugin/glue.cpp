// The glue, compiled against stand-ins and driven by lines of JSON: {"call": command, "args": [...], "player", "npc"} and
// {"world": ...} for what a game would do meanwhile.
#include "standins.hpp"

#include "script.inc"

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <thread>

using json = nlohmann::json;
using Command = int32 (*)(script_state*);

#define BUILDIN_DEF(name, arguments) {#name, {buildin_##name, arguments}}
static const std::map<std::string, std::pair<Command, std::string>> COMMANDS = {
#include "script_def.inc"
};

int main() {
	std::string line;
	while (std::getline(std::cin, line)) {
		const json order = json::parse(line);
		json told = json::object();
		const json world = order.value("world", json::object());
		const json changed = world.value("players", json::object()), placed = world.value("npcs", json::object());
		const json called = world.value("labels", json::array());
		for (const auto& [id, player] : changed.items()) {
			if (player.is_null()) {
				players.erase(std::stoi(id));
				continue;
			}
			map_session_data& made = players[std::stoi(id)];
			made.id = made.status.account_id = std::stoi(id);
			made.status.char_id = player.value("char_id", 150000);
			std::snprintf(made.status.name, sizeof(made.status.name), "%s", player.value("name", "Aria").c_str());
			made.npc_id = player.value("dialog", 0);
			static block_list neighbour;
			made.prev = player.value("loads", false) ? nullptr : &neighbour;
		}
		for (const auto& [id, npc] : placed.items()) {
			npc_data& made = npcs[std::stoi(id)];
			made.id = std::stoi(id);
			std::snprintf(made.exname, sizeof(made.exname), "%s", npc.get<std::string>().c_str());
		}
		if (world.contains("labels"))
			events.clear();
		for (const json& label : called)
			events[label.get<std::string>()] = 0;
		if (order.contains("call")) {
			const auto& [command, letters] = COMMANDS.at(order["call"]);
			script_state st;
			st.rid = order.value("player", 0);
			st.oid = order.value("npc", 0);
			for (const json& given : order["args"])
				st.arguments.push_back(given.is_number() ? Value(given.get<int64>()) : Value(given.get<std::string>()));
			told["status"] = command(&st);
			told["letters"] = letters;
			if (std::holds_alternative<int64>(st.result))
				told["result"] = std::get<int64>(st.result);
			else if (std::holds_alternative<std::string>(st.result))
				told["result"] = std::get<std::string>(st.result);
		}
		const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(order.value("tick_ms", 0));
		const std::string wanted = order.value("until", "");
		const auto seen = [&wanted] {
			for (const std::string& one : happened)
				if (!wanted.empty() && one.find(wanted) != std::string::npos)
					return true;
			return false;
		};
		while (timer != nullptr && !seen() && std::chrono::steady_clock::now() < until) {
			timer(0, 0, 0, 0);
			std::this_thread::sleep_for(std::chrono::milliseconds(20));
		}
		told["happened"] = std::exchange(happened, {});
		told["variables"] = variables;
		std::cout << told.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
	}
	return 0;
}
