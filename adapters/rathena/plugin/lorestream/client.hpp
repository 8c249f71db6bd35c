// SPDX-License-Identifier: Apache-2.0 OR GPL-3.0-or-later
//
// Part of Lorestream. Compiled into rAthena it is used under the GNU General Public License, version 3 or later.
//
// The transport core: commands of scripts as requests to the service, synchronous ones answered in a bounded time,
// asynchronous ones called back. It knows nothing of rAthena, and everything in it runs on the game's thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "breaker.hpp"
#include "configuration.hpp"
#include "registrations.hpp"
#include "requests.hpp"
#include "socket.hpp"
#include "text.hpp"
#include "values.hpp"

namespace lorestream {

/// Who is behind a command, as the game itself knows it. Scripts cannot write it; the service trusts it.
struct Actor {
	std::int64_t account_id = 0;
	std::int64_t char_id = 0; ///< 0: no player is attached
	std::string name;
	int level = 0;
	std::string map;
	int x = 0, y = 0;
};

/// Where a command comes from.
struct Source {
	std::string npc, map;
	int x = 0, y = 0;
};

/// One command. Texts may be in the game's code page; `data` is an object whose texts may be JSON themselves.
struct Question {
	std::string operation;
	std::string npc_id;
	json data = json::object();
	Actor actor;
	Source source;
};

/// How long the game may wait for an answer.
enum class Pace { query, command, dialogue };

struct Counters {
	std::uint64_t sent = 0, answered = 0, timeouts = 0, failures = 0, dropped = 0, late = 0, callbacks = 0;
};

class Client {
public:
	Client(Configuration settings, Log log)
		: settings_(std::move(settings)), log_(std::move(log)), page_(settings_.client_encoding), socket_(settings_),
		  breaker_(settings_.circuit_breaker_threshold, settings_.circuit_breaker_timeout_ms, settings_.circuit_breaker_budget_ms),
		  requests_(settings_.callback_cleanup_interval_ms) {
		std::random_device random;
		char boot[24];
		std::snprintf(boot, sizeof(boot), "%08x%08x", random(), random());
		boot_ = boot;
		if (!page_.known())
			say(Level::error, "client_encoding " + settings_.client_encoding + " is unknown to this system: texts are taken as UTF-8");
		if (!socket_.problem().empty())
			say(Level::fatal, socket_.problem());
	}

	const Configuration& settings() const { return settings_; }
	const Counters& counters() const { return counters_; }
	bool breaker_is_open() const { return breaker_.is_open(); }

	/// Ask and wait. The answer always holds an integer error_code; `valid` of a path is there in failures, too.
	json ask(const Question& question, Pace pace) {
		const std::int64_t began = now();
		const int timeout = limit(pace);
		const std::string id = next_id();
		if (breaker_.is_open())
			drain(); // a late answer may be here already
		if (!breaker_.allows(began))
			return unasked(question, id, timeout);
		flush();
		if (!ready())
			return lost(question, id, 0, "the service cannot be reached");
		waited_for_ = id;
		answer_ = json();
		if (!transmit(written(envelope(question, id, timeout))))
			return lost(question, id, 0, "the service cannot be reached");
		while (answer_.is_null() && now() - began < timeout) {
			if (socket_.wait(ZMQ_POLLIN, timeout - (now() - began)))
				drain();
		}
		waited_for_.clear();
		const std::int64_t took = now() - began;
		if (answer_.is_null()) {
			counters_.timeouts++;
			// A model that thinks for long is no reason to believe the service is gone.
			return lost(question, id, pace == Pace::dialogue ? 0 : took, "no answer in time", -501);
		}
		if (settings_.log_performance)
			say(Level::info, question.operation + " took " + std::to_string(took) + " ms");
		return outcome(question, answer_);
	}

	/// Send without waiting for an answer, with the next batch: 0, or why it cannot even be sent. Nobody waits for it,
	/// so a service that is only slow is told as well.
	int tell(const Question& question) {
		const bool away = breaker_.is_open() && !socket_.wait(ZMQ_POLLOUT, 0);
		if (away || outbox_.size() >= static_cast<std::size_t>(settings_.max_pending_requests)) {
			counters_.dropped++;
			return away ? -500 : -503;
		}
		queue(envelope(question, next_id(), settings_.async_timeout_ms));
		return 0;
	}

	/// Begin an asynchronous request: its id, or an empty text when too many are pending. The outcome, failures and
	/// timeouts included, calls `to`.
	std::string request(const Question& question, Recipient to, int timeout_ms) {
		if (requests_.pending() >= static_cast<std::size_t>(settings_.max_pending_requests)) {
			counters_.dropped++;
			say(Level::warning, "max_pending_requests is reached: " + question.operation + " of " + question.npc_id + " is refused");
			return "";
		}
		const int timeout = timeout_ms > 0 ? timeout_ms : settings_.async_timeout_ms;
		const std::string id = "req_" + std::to_string(wall_ms()) + "_" + boot_.substr(0, 8) + hex(++counter_);
		const std::string label(cut(to.label, 128));
		requests_.open(id, std::move(to), now(), timeout);
		Question opening = question;
		opening.operation = "request_async";
		opening.data = {{"operation", question.operation}, {"data", question.data}};
		json body = envelope(opening, id, timeout);
		if (!label.empty())
			body["callback_label"] = page_.to_utf8(label);
		if (breaker_.is_open() && !breaker_.allows(now()))
			fail(id, -500, "the service does not answer; it is tried again by itself");
		else
			queue(std::move(body));
		return id;
	}

	/// What ai_check_result answers. Requests of another run of this server are looked up at the service.
	json check(const std::string& id) {
		const json known = requests_.check(id, now());
		if (known["status"] != "not_found" || id.compare(0, 4, "req_") != 0 || id.size() != 36)
			return known;
		Question question;
		question.operation = "check_result";
		question.data = {{"request_id", id}};
		json found = ask(question, Pace::query);
		if (!found.contains("status"))
			found["status"] = "error";
		return found;
	}

	/// 0, or -1 when there is nothing to cancel. Its callback is not called any more.
	int cancel(const std::string& id) {
		const std::string service_id = requests_.service_id(id);
		if (!requests_.finish(id, "cancelled", {{"error_code", -202}, {"error_message", "cancelled"}}, now()))
			return -1;
		if (service_id.empty())
			abandoned_[id] = now();
		else
			cancel_at_service(service_id);
		return 0;
	}

	/// To be called every 20 ms or so: sends what waits, takes what came, ends what is over its time.
	void tick() {
		drain();
		const std::int64_t time = now();
		if (!outbox_.empty() && time - queued_at_ >= settings_.batch_wait_ms)
			flush();
		requests_.sweep(time);
		if (breaker_.is_open() && time - probed_at_ >= PROBE_MS)
			probe(time);
		register_owed(time);
		for (auto next = abandoned_.begin(); next != abandoned_.end();) {
			const auto here = next++;
			if (time - here->second > settings_.async_timeout_ms)
				abandoned_.erase(here);
		}
	}

	/// Callbacks that are due. Whoever cannot be called now is given back with `hold`; after hold_callback_ms it is dropped.
	std::vector<Callback> take_due() {
		std::vector<Callback> due;
		for (Callback& callback : requests_.take_due()) {
			if (now() - callback.since > settings_.hold_callback_ms)
				say(Level::warning, "callback " + callback.to.npc + "::" + callback.to.label + " is dropped: the player stayed in a dialog, or between two maps");
			else
				due.push_back(std::move(callback));
		}
		return due;
	}

	void hold(Callback callback) { requests_.hold(std::move(callback)); }
	void called() { counters_.callbacks++; }

	/// An answer as a script gets it: bounded, in the game's code page.
	std::string for_script(const json& answer) const {
		return page_.from_utf8(fitting(answer, settings_.max_json_bytes, settings_.max_text_bytes));
	}

	std::string text_for_script(std::string_view text) const { return page_.from_utf8(cut(text, settings_.max_text_bytes)); }
	std::string from_script(std::string_view text) const { return page_.to_utf8(text); }

	void say(Level level, const std::string& text) const {
		if (level >= settings_.log_level)
			log_(level, one_line(text)); // it may hold what a player wrote
	}

	std::int64_t now() const {
		return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
	}

private:
	static constexpr std::int64_t PROBE_MS = 500;
	static constexpr std::int64_t REPEAT_MS = 2000;
	static constexpr std::size_t BATCH_BYTES = 256 * 1024;

	int limit(Pace pace) const {
		return pace == Pace::query ? settings_.query_timeout_ms : pace == Pace::dialogue ? settings_.llm_timeout_ms : settings_.default_timeout_ms;
	}

	static std::int64_t wall_ms() {
		return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
	}

	static std::string hex(std::uint64_t value) {
		char text[20];
		std::snprintf(text, sizeof(text), "%llx", static_cast<unsigned long long>(value));
		return text;
	}

	/// Unique over restarts: the service takes a repeated id for a repeated command.
	std::string next_id() { return boot_ + "-" + hex(++counter_); }

	json transcoded(const json& value) const {
		if (value.is_string())
			return page_.to_utf8(value.get_ref<const std::string&>());
		if (value.is_object() || value.is_array()) {
			json made = value;
			for (auto& inner : made)
				inner = transcoded(inner);
			return made;
		}
		return value;
	}

	json envelope(const Question& question, const std::string& id, int timeout_ms) const {
		json made = {{"correlation_id", id}, {"timestamp", wall_ms()}, {"message_type", "NPC_INTERACTION"}, {"operation", question.operation},
			{"data", transcoded(question.data)}, {"timeout_ms", timeout_ms}};
		if (!question.npc_id.empty())
			made["npc_id"] = page_.to_utf8(question.npc_id);
		const Actor& actor = question.actor;
		if (actor.char_id != 0)
			made["actor"] = {{"account_id", actor.account_id}, {"char_id", actor.char_id}, {"name", page_.to_utf8(actor.name)}, {"level", actor.level},
				{"map", page_.to_utf8(actor.map)}, {"x", actor.x}, {"y", actor.y}};
		const Source& source = question.source;
		made["source"] = {{"server", settings_.server}};
		if (!source.npc.empty())
			made["source"]["npc"] = page_.to_utf8(source.npc);
		if (!source.map.empty()) {
			made["source"]["map"] = page_.to_utf8(source.map);
			made["source"]["x"] = source.x;
			made["source"]["y"] = source.y;
		}
		return made;
	}

	/// Is there a connection? Only the very first command waits for one.
	bool ready() {
		if (socket_.wait(ZMQ_POLLOUT, connected_once_ ? 0 : settings_.connect_timeout_ms)) {
			connected_once_ = true;
			return true;
		}
		connected_once_ = true;
		return false;
	}

	bool transmit(const std::string& body) {
		if (settings_.log_requests)
			say(Level::debug, "> " + body);
		if (!socket_.send(body))
			return false;
		counters_.sent++;
		return true;
	}

	void queue(json body) {
		if (outbox_.empty())
			queued_at_ = now();
		outbox_.push_back(std::move(body));
		if (!settings_.enable_request_batching || outbox_.size() % settings_.batch_max_size == 0)
			flush();
	}

	/// Send what waits, up to batch_max_size requests in one frame.
	void flush() {
		while (!outbox_.empty()) {
			if (!ready()) {
				refuse_all();
				return;
			}
			json batch = json::array();
			std::size_t bytes = 0;
			while (!outbox_.empty() && batch.size() < static_cast<std::size_t>(settings_.batch_max_size) && bytes < BATCH_BYTES) {
				bytes += written(outbox_.front()).size();
				batch.push_back(std::move(outbox_.front()));
				outbox_.pop_front();
			}
			const std::string body = batch.size() == 1 ? written(batch[0]) : written(json{{"batch", batch}});
			if (!transmit(body)) {
				for (const json& one : batch)
					refused(one);
				refuse_all();
				return;
			}
		}
	}

	void refuse_all() {
		for (const json& one : std::exchange(outbox_, {}))
			refused(one);
	}

	void refused(const json& body) {
		counters_.failures++;
		fail(body["correlation_id"].get<std::string>(), -500, "the service cannot be reached");
	}

	void fail(const std::string& id, int code, const std::string& why) {
		requests_.finish(id, "error", {{"error_code", code}, {"error_message", why}}, now());
	}

	/// Take what arrived, at most so much at a time that a flood does not keep the game.
	void drain() {
		for (int count = 0; count < 2000; count++) {
			const std::optional<std::string> body = socket_.receive();
			if (!body)
				return;
			if (settings_.log_responses)
				say(Level::debug, "< " + body->substr(0, 4000));
			json message = parsed(*body);
			if (message.is_discarded() || !message.is_object()) {
				counters_.dropped++;
				say(Level::warning, "an answer that is no JSON is dropped");
				continue;
			}
			if (breaker_.heard())
				say(Level::info, "the service answers again; " + std::to_string(unasked_) + " commands were not asked meanwhile");
			if (message.contains("batch") && message["batch"].is_array())
				for (const json& one : message["batch"])
					take(one);
			else
				take(message);
		}
	}

	void take(const json& message) {
		const std::string id = text_at(message, "correlation_id");
		if (text_at(message, "message_type") == "CALLBACK") {
			finish(id, message);
			return;
		}
		if (id.empty()) {
			counters_.dropped++;
			return;
		}
		counters_.answered++;
		const int code = code_of(message);
		const bool owed = registrations_.answered(id, code);
		const bool known = owed && code == -100;
		if (owed && (code == 0 || known))
			say(Level::info, known ? "an NPC that waited for the service was registered there before" : "an NPC that waited for the service is registered");
		if (id == waited_for_ && answer_.is_null()) {
			answer_ = message;
			return;
		}
		const auto abandoned = abandoned_.find(id);
		if (abandoned != abandoned_.end()) {
			abandoned_.erase(abandoned);
			if (code >= 0)
				cancel_at_service(text_at(data_of(message), "request_id"));
		} else if (requests_.is_pending(id)) {
			if (code < 0)
				fail(id, code, text_at(message, "error_message"));
			else
				requests_.accepted(id, text_at(data_of(message), "request_id"));
		} else if (known)
			return;
		else if (code < 0)
			// Told and not waited for: somebody should still learn of it, but not that what was cancelled had just ended.
			say(code == -1 ? Level::debug : Level::warning, "the service refused: " + std::string(cut(text_at(message, "error_message"), 300)) + " (" + std::to_string(code) + ")");
		else
			counters_.late++;
	}

	/// The outcome of an asynchronous request.
	void finish(const std::string& id, const json& message) {
		json answer = data_of(message);
		const std::string status = text_at(answer, "status");
		answer["error_code"] = code_of(message);
		if (message.contains("error_message") && !answer.contains("error_message"))
			answer["error_message"] = message["error_message"];
		const bool known = status == "complete" || status == "timeout" || status == "cancelled" || status == "error";
		if (!requests_.finish(id, known ? status : code_of(message) < 0 ? "error" : "complete", std::move(answer), now()))
			counters_.late++;
	}

	void cancel_at_service(const std::string& service_id) {
		if (service_id.empty())
			return;
		Question question;
		question.operation = "cancel_request";
		question.data = {{"request_id", service_id}};
		tell(question);
	}

	/// While the breaker is open the service is asked for a sign of life, without anybody waiting for it.
	void probe(std::int64_t time) {
		probed_at_ = time;
		Question question;
		question.operation = "ping";
		if (socket_.wait(ZMQ_POLLOUT, 0))
			transmit(written(envelope(question, next_id(), 1000)));
	}

	/// Repeat registrations that the service could not confirm: scripts register their NPCs once, when they start.
	void register_owed(std::int64_t time) {
		if (registrations_.empty() || breaker_.is_open() || time - repeated_at_ < REPEAT_MS || !socket_.wait(ZMQ_POLLOUT, 0))
			return;
		repeated_at_ = time;
		for (const json& body : registrations_.next())
			queue(body);
	}

	/// Remember what a script wanted of an NPC while the service was away.
	void owe(const Question& question, const std::string& id, int timeout_ms) {
		if (question.operation == "register" && !registrations_.owe(question.npc_id, id, envelope(question, id, timeout_ms)))
			say(Level::error, "too many NPCs wait for the service: '" + question.npc_id + "' is not registered");
		else if (question.operation == "unregister")
			registrations_.forget(question.npc_id);
	}

	json outcome(const Question& question, const json& message) {
		const int code = code_of(message);
		json made = data_of(message);
		if (code < 0) {
			counters_.failures++;
			const std::string told = text_at(message, "error_message");
			made["error_message"] = told;
			// An NPC is registered again by every @reloadscript.
			const Level level = code <= -500 ? Level::error : code == -100 ? Level::info : Level::warning;
			say(level, question.operation + " of '" + question.npc_id + "': " + told + " (" + std::to_string(code) + ")");
			if (code <= -500)
				owe(question, text_at(message, "correlation_id"), settings_.default_timeout_ms);
			complete(question, made);
		}
		made["error_code"] = code;
		return made;
	}

	/// What scripts read even of a failure: comparing a missing value with a number would end them.
	void complete(const Question& question, json& failed) const {
		if (question.operation == "pathfind" && !failed.contains("valid"))
			failed["valid"] = false;
		if (settings_.enable_fallback && question.operation == "dialogue" && !failed.contains("response"))
			failed["response"] = "...";
	}

	json lost(const Question& question, const std::string& id, std::int64_t waited_ms, const std::string& why, int code = -500) {
		waited_for_.clear();
		if (breaker_.failed(now(), waited_ms)) {
			unasked_ = 0;
			say(Level::error, "the circuit breaker opens: " + why + "; the game no longer waits for the service");
		}
		say(code == -501 ? Level::warning : Level::error, question.operation + " of '" + question.npc_id + "': " + why + " (" + std::to_string(code) + ")");
		owe(question, id, limit(Pace::command));
		return failure(question, code, why);
	}

	/// The breaker is open. That it opened was said; a busy server would say this a thousand times a second.
	json unasked(const Question& question, const std::string& id, int timeout_ms) {
		const std::string why = "the service does not answer; it is tried again by itself";
		unasked_++;
		say(Level::debug, question.operation + " of '" + question.npc_id + "': " + why + " (-500)");
		owe(question, id, timeout_ms);
		return failure(question, -500, why);
	}

	json failure(const Question& question, int code, const std::string& why) {
		counters_.failures++;
		json made = {{"error_code", code}, {"error_message", why}};
		complete(question, made);
		return made;
	}

	static std::string text_at(const json& message, const char* key) {
		const auto found = message.is_object() ? message.find(key) : message.end();
		return found != message.end() && found->is_string() ? found->get<std::string>() : "";
	}

	static int code_of(const json& message) {
		const auto found = message.find("error_code");
		const int code = found != message.end() && found->is_number_integer() ? found->get<int>() : 0;
		const auto success = message.find("success");
		// The specification's own example shows positive numbers for failures (4.4.2).
		const bool failed = success != message.end() && success->is_boolean() && !success->get<bool>();
		return failed && code > 0 ? -code : failed && code == 0 ? -600 : code;
	}

	static json data_of(const json& message) {
		const auto found = message.find("data");
		return found != message.end() && found->is_object() ? *found : json::object();
	}

	Configuration settings_;
	Log log_;
	CodePage page_;
	Socket socket_;
	Breaker breaker_;
	Requests requests_;
	Registrations registrations_;
	Counters counters_;
	std::string boot_;
	std::uint64_t counter_ = 0;
	bool connected_once_ = false;
	std::deque<json> outbox_;
	std::int64_t queued_at_ = 0, probed_at_ = 0, repeated_at_ = 0;
	std::uint64_t unasked_ = 0;
	std::string waited_for_;
	json answer_;
	std::map<std::string, std::int64_t> abandoned_;
};

} // namespace lorestream
