// A map-server's worth of the transport core, driven by lines of JSON on standard input; one line of JSON answers each.
#include <cstdlib>
#include <iostream>
#include <thread>

#include "client.hpp"
#include "before.hpp"

using namespace lorestream;

static std::string bytes_of(const std::string& digits) {
	std::string made;
	for (std::size_t at = 0; at + 1 < digits.size(); at += 2)
		made.push_back(static_cast<char>(std::strtol(digits.substr(at, 2).c_str(), nullptr, 16)));
	return made;
}

static std::string hex_of(const std::string& bytes) {
	std::string made;
	char digits[3];
	for (const char byte : bytes) {
		std::snprintf(digits, sizeof(digits), "%02x", static_cast<unsigned char>(byte));
		made += digits;
	}
	return made;
}

static Question question_of(const json& order) {
	Question made;
	made.operation = order.value("operation", "");
	made.npc_id = order.value("npc_id", "");
	made.data = order.value("data", json::object());
	// Bytes that JSON cannot carry come as hexadecimal digits.
	const json raw = order.value("raw", json::object());
	for (const auto& [key, digits] : raw.items())
		made.data[key] = bytes_of(digits.get<std::string>());
	made.actor.char_id = order.value("char_id", 0);
	made.actor.account_id = made.actor.char_id == 0 ? 0 : 2000001;
	made.actor.name = order.value("name", "Aria");
	made.actor.level = 42;
	made.actor.map = "prontera";
	made.source.npc = order.value("npc", "Merchant_John");
	made.source.map = "prontera";
	return made;
}

int main(int count, char** arguments) {
	json lines = json::array();
	const Log log = [&lines](Level level, const std::string& line) { lines.push_back({static_cast<int>(level), line}); };
	Client client(read_configuration(count > 1 ? arguments[1] : "", log), log);
	std::string line;
	while (std::getline(std::cin, line)) {
		const json order = json::parse(line);
		const std::string what = order["do"];
		const std::int64_t began = client.now();
		const auto started = std::chrono::steady_clock::now();
		json told = json::object();
		if (what == "ask") {
			const std::string pace = order.value("pace", "query");
			const std::string answer = client.for_script(client.ask(question_of(order), pace == "query" ? Pace::query : pace == "dialogue" ? Pace::dialogue : Pace::command));
			told["bytes"] = answer.size();
			told["hex"] = hex_of(answer);
			told["answer"] = parsed(client.from_script(answer));
		} else if (what == "post") {
			Question posted_question = posted(order["path"].get<std::string>(), order["body"]);
			told["answer"] = posted_answer(client.ask(posted_question, Pace::dialogue));
		} else if (what == "tell")
			told["code"] = client.tell(question_of(order));
		else if (what == "request") {
			for (int number = 0; number < order.value("times", 1); number++)
				told["ids"].push_back(client.request(question_of(order), {order.value("npc", "Merchant_John"), order.value("label", "OnReady"), order.value("char_id", 0)}, order.value("timeout_ms", 0)));
		} else if (what == "check")
			told["answer"] = client.check(order["id"]);
		else if (what == "cancel")
			told["code"] = client.cancel(order["id"]);
		else if (what == "tick") {
			told["callbacks"] = json::array();
			const std::int64_t until = client.now() + order.value("for_ms", 0);
			const std::size_t wanted = order.value("until", 1);
			do {
				client.tick();
				for (Callback& callback : client.take_due())
					if (order.value("hold", false))
						client.hold(std::move(callback));
					else
						told["callbacks"].push_back({{"id", callback.request_id}, {"npc", callback.to.npc}, {"label", callback.to.label}, {"char_id", callback.to.char_id}});
				if (told["callbacks"].size() < wanted && client.now() < until)
					std::this_thread::sleep_for(std::chrono::milliseconds(20));
			} while (told["callbacks"].size() < wanted && client.now() < until);
		} else if (what == "idle") {
			const auto from = std::chrono::steady_clock::now();
			for (int tick = 0; tick < 1000; tick++)
				client.tick();
			told["microseconds"] = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - from).count() / 1e6;
		} else if (what == "latency") {
			for (int number = 0; number < order["times"]; number++) {
				const auto from = std::chrono::steady_clock::now();
				client.ask(question_of(order), Pace::command);
				told["microseconds"].push_back(std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - from).count());
			}
		} else if (what == "value") {
			const json document = parsed(order["json"].get<std::string>());
			const auto found = document.is_discarded() ? std::nullopt : script_value(at_path(document, order["path"].get<std::string>()));
			told["value"] = !found ? json() : found->is_number ? json(found->number) : json(found->text);
		} else if (what == "fit")
			told["text"] = fitting(order["value"], order["most"], order["text"]);
		else if (what == "escape")
			told["text"] = escaped(bytes_of(order["hex"]), 1 << 20);
		else if (what == "page") {
			const CodePage page(order["name"].get<std::string>());
			const std::string utf8 = page.to_utf8(bytes_of(order["hex"]));
			told = {{"known", page.known()}, {"utf8", utf8}, {"back", hex_of(page.from_utf8(utf8))}};
		} else if (what == "cut")
			told["text"] = std::string(cut(order["text"].get<std::string>(), order["most"]));
		else if (what == "settings") {
			const Configuration& settings = client.settings();
			told = {{"zmq_endpoint", settings.zmq_endpoint}, {"default_timeout_ms", settings.default_timeout_ms}, {"log_level", static_cast<int>(settings.log_level)}, {"batch_max_size", settings.batch_max_size}};
		}
		const Counters& counters = client.counters();
		told["counters"] = {{"sent", counters.sent}, {"answered", counters.answered}, {"timeouts", counters.timeouts}, {"dropped", counters.dropped}, {"late", counters.late}};
		told["open"] = client.breaker_is_open();
		told["ms"] = client.now() - began;
		told["us"] = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started).count();
		told["log"] = std::exchange(lines, json::array());
		std::cout << written(told) << std::endl;
	}
	return 0;
}
