// SPDX-License-Identifier: Apache-2.0 OR GPL-3.0-or-later
//
// Part of Lorestream. Compiled into rAthena it is used under the GNU General Public License, version 3 or later.
//
// One DEALER towards the service. libzmq's own thread waits for the network; every call here returns at once or in time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <zmq.h>

#include "configuration.hpp"

namespace lorestream {

class Socket {
public:
	explicit Socket(const Configuration& settings) : context_(zmq_ctx_new()), socket_(zmq_socket(context_, ZMQ_DEALER)) {
		option(ZMQ_LINGER, 0);
		// Without a connection a send fails at once instead of piling up for a service that may never come.
		option(ZMQ_IMMEDIATE, 1);
		option(ZMQ_SNDHWM, 1000);
		option(ZMQ_RCVHWM, 10000);
		option(ZMQ_RECONNECT_IVL, 200);
		option(ZMQ_RECONNECT_IVL_MAX, 2000);
		option(ZMQ_HEARTBEAT_IVL, 2000);
		option(ZMQ_HEARTBEAT_TIMEOUT, 3000);
		const std::int64_t largest = 4 << 20;
		zmq_setsockopt(socket_, ZMQ_MAXMSGSIZE, &largest, sizeof(largest));
		if (!settings.curve_server_key.empty()) {
			text(ZMQ_CURVE_SERVERKEY, settings.curve_server_key);
			text(ZMQ_CURVE_PUBLICKEY, settings.curve_public_key);
			text(ZMQ_CURVE_SECRETKEY, settings.curve_secret_key);
		}
		if (problem_.empty() && zmq_connect(socket_, settings.zmq_endpoint.c_str()) != 0)
			problem_ = "zmq_endpoint " + settings.zmq_endpoint + ": " + zmq_strerror(zmq_errno());
	}

	Socket(const Socket&) = delete;
	Socket& operator=(const Socket&) = delete;

	~Socket() {
		zmq_close(socket_);
		zmq_ctx_term(context_);
	}

	/// Why this socket can never work, empty when it can.
	const std::string& problem() const { return problem_; }

	/// Send without waiting; false when there is no connection or its queue is full.
	bool send(const std::string& body) {
		return zmq_send(socket_, body.data(), body.size(), ZMQ_DONTWAIT) >= 0;
	}

	/// Wait up to `timeout_ms` until something may be sent (ZMQ_POLLOUT) or received (ZMQ_POLLIN).
	bool wait(short events, long timeout_ms) {
		zmq_pollitem_t item = {socket_, 0, events, 0};
		return zmq_poll(&item, 1, timeout_ms < 0 ? 0 : timeout_ms) > 0;
	}

	/// The last frame of the next message, if one is there.
	std::optional<std::string> receive() {
		std::optional<std::string> body;
		int more = 1;
		while (more) {
			zmq_msg_t frame;
			zmq_msg_init(&frame);
			if (zmq_msg_recv(&frame, socket_, ZMQ_DONTWAIT) < 0) {
				zmq_msg_close(&frame);
				return std::nullopt;
			}
			more = zmq_msg_more(&frame);
			body.emplace(static_cast<const char*>(zmq_msg_data(&frame)), zmq_msg_size(&frame));
			zmq_msg_close(&frame);
		}
		return body;
	}

private:
	void option(int name, int value) { zmq_setsockopt(socket_, name, &value, sizeof(value)); }

	void text(int name, const std::string& value) {
		if (zmq_setsockopt(socket_, name, value.data(), value.size()) != 0 && problem_.empty())
			problem_ = "the curve keys must have 40 characters each (Z85), and libzmq must support CURVE";
	}

	void* context_;
	void* socket_;
	std::string problem_;
};

} // namespace lorestream
