// Stand-ins of our own for the few functions and types of a map-server that the glue calls: enough to compile it and to see
// what it does, with nothing of a map-server's code in it.
#pragma once

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <map>
#include <string>
#include <variant>
#include <vector>

using int32 = std::int32_t;
using int64 = std::int64_t;
using uint64 = std::uint64_t;
using t_tick = std::int64_t;

// What happened, for the test to look at.
inline std::vector<std::string> happened;

inline void note(const char* kind, const char* format, va_list values) {
	char line[4096];
	std::vsnprintf(line, sizeof(line), format, values);
	happened.push_back(std::string(kind) + " " + line);
}

#define SHOW(name, kind) \
	inline void name(const char* format, ...) { \
		va_list values; \
		va_start(values, format); \
		note(kind, format, values); \
		va_end(values); \
	}
SHOW(ShowDebug, "debug")
SHOW(ShowInfo, "info")
SHOW(ShowWarning, "warning")
SHOW(ShowError, "error")
SHOW(ShowFatalError, "fatal")

struct block_list {
	block_list* prev = nullptr; // nobody: it is on no map
	int32 id = 0;
	int16_t m = 0, x = 0, y = 0;
};

struct script_state;

struct map_session_data : block_list {
	struct {
		int32 account_id = 0, char_id = 0;
		char name[24] = "";
		unsigned int base_level = 1;
	} status;
	int32 npc_id = 0;
	script_state* st = nullptr;
};

struct npc_data : block_list {
	char exname[32] = "";
	struct {
		unsigned int hp = 0;
	} status;
};

inline std::map<int32, map_session_data> players; // by account
inline std::map<int32, npc_data> npcs;
inline std::map<std::string, int> events; // label -> how often it was called

inline map_session_data* map_id2sd(int32 id) {
	const auto found = players.find(id);
	return found == players.end() ? nullptr : &found->second;
}

inline map_session_data* map_charid2sd(int32 char_id) {
	for (auto& [id, player] : players)
		if (player.status.char_id == char_id)
			return &player;
	return nullptr;
}

inline npc_data* map_id2nd(int32 id) {
	const auto found = npcs.find(id);
	return found == npcs.end() ? nullptr : &found->second;
}

inline npc_data* npc_name2id(const char* name) {
	for (auto& [id, npc] : npcs)
		if (std::strcmp(npc.exname, name) == 0)
			return &npc;
	return nullptr;
}

inline const char* map_mapid2mapname(int32) { return "prontera"; }

// The script engine: arguments begin at 2, as theirs do; what is pushed is the result.
using Value = std::variant<std::monostate, int64, std::string>;

struct script_state {
	int32 rid = 0, oid = 0;
	std::vector<Value> arguments;
	Value result;
	std::deque<std::string> texts;
};

#define SCRIPT_CMD_SUCCESS 0
#define SCRIPT_CMD_FAILURE 1
#define BUILDIN_FUNC(name) int32 buildin_##name(script_state* st)
#define script_hasdata(st, at) ((st)->arguments.size() + 2 > static_cast<std::size_t>(at))
#define script_pushint(st, value) ((st)->result = static_cast<int64>(value))
#define script_pushint64(st, value) ((st)->result = static_cast<int64>(value))
#define script_pushstrcopy(st, value) ((st)->result = std::string(value))
#define script_isint(st, at) std::holds_alternative<int64>((st)->arguments[(at) - 2])

inline const char* script_getstr(script_state* st, int at) {
	const Value& given = st->arguments[at - 2];
	st->texts.push_back(std::holds_alternative<std::string>(given) ? std::get<std::string>(given) : std::to_string(std::get<int64>(given)));
	return st->texts.back().c_str();
}

inline int32 script_getnum(script_state* st, int at) {
	const Value& given = st->arguments[at - 2];
	return std::holds_alternative<int64>(given) ? static_cast<int32>(std::get<int64>(given)) : std::atoi(std::get<std::string>(given).c_str());
}

// Timers, labels, variables.
#define TIMER_FUNC(name) int32 name(int32, t_tick, int32, intptr_t)
using TimerFunc = int32 (*)(int32, t_tick, int32, intptr_t);
inline TimerFunc timer = nullptr;
inline t_tick gettick() { return 0; }
inline int32 add_timer_func_list(TimerFunc, const char*) { return 0; }
inline int32 add_timer_interval(t_tick, TimerFunc function, int32, intptr_t, int32) {
	timer = function;
	return 1;
}

inline std::map<std::string, std::string> variables;
inline std::vector<std::string> names;
inline int32 add_str(const char* name) {
	names.push_back(name);
	return static_cast<int32>(names.size()) - 1;
}
#define reference_uid(id, index) (static_cast<int64>(id))
inline bool mapreg_setregstr(int64 uid, const char* text) {
	variables[names[uid]] = text;
	return true;
}
inline bool pc_setregstr(map_session_data* sd, int64 uid, const char* text) {
	variables[std::to_string(sd->status.char_id) + names[uid]] = text;
	return true;
}

inline int32 npc_event_do_id(const char* name, int32 rid) {
	const auto found = events.find(name);
	if (found == events.end())
		return 0;
	found->second++;
	happened.push_back("event " + std::string(name) + " " + std::to_string(rid));
	return 1;
}

// Walking and packets.
enum { SCO_NONE, SCO_FIRST };
enum send_target { SELF };
inline int32 status_calc_npc(npc_data*, int) { return 0; }
inline int32 unit_walktoxy(block_list*, int16_t x, int16_t y, int) {
	happened.push_back("walk " + std::to_string(x) + " " + std::to_string(y));
	return 1;
}
inline int32 clif_send(const void* bytes, int32 size, block_list* to, send_target) {
	std::string digits;
	char two[3];
	for (int32 at = 0; at < size; at++) {
		std::snprintf(two, sizeof(two), "%02x", static_cast<const unsigned char*>(bytes)[at]);
		digits += two;
	}
	happened.push_back("packet " + std::to_string(to->id) + " " + digits);
	return 0;
}
