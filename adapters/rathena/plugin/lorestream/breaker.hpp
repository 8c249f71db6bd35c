// SPDX-License-Identifier: Apache-2.0 OR GPL-3.0-or-later
//
// Part of Lorestream. Compiled into rAthena it is used under the GNU General Public License, version 3 or later.
//
// The circuit breaker in front of everything the game waits for (specification 5.4, level 3).
#pragma once

#include <cstdint>

namespace lorestream {

/// Closed until `threshold` failures in a row, or until the game stood still in vain for `budget_ms`; then open for
/// `open_ms`, or until anything is heard of the service again. All times are milliseconds of the caller's clock.
class Breaker {
public:
	Breaker(int threshold, std::int64_t open_ms, std::int64_t budget_ms)
		: threshold_(threshold), open_ms_(open_ms), budget_ms_(budget_ms) {}

	/// May the game wait for an answer now? After `open_ms` one caller may try.
	bool allows(std::int64_t now) {
		if (!is_open_)
			return true;
		if (now < until_)
			return false;
		until_ = now + open_ms_;
		return true;
	}

	/// The service was heard of. True when that closes the breaker.
	bool heard() {
		const bool was_open = is_open_;
		is_open_ = false;
		failures_ = 0;
		waited_ms_ = 0;
		return was_open;
	}

	/// A call failed after `waited_ms` of the game's time. True when that opens the breaker.
	bool failed(std::int64_t now, std::int64_t waited_ms) {
		failures_++;
		waited_ms_ += waited_ms;
		if (failures_ < threshold_ && waited_ms_ < budget_ms_)
			return false;
		const bool opens = !is_open_;
		is_open_ = true;
		until_ = now + open_ms_;
		return opens;
	}

	bool is_open() const { return is_open_; }

private:
	int threshold_;
	std::int64_t open_ms_, budget_ms_;
	bool is_open_ = false;
	int failures_ = 0;
	std::int64_t waited_ms_ = 0, until_ = 0;
};

} // namespace lorestream
