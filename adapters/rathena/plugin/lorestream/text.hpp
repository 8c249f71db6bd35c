// SPDX-License-Identifier: Apache-2.0 OR GPL-3.0-or-later
//
// Part of Lorestream. Compiled into rAthena it is used under the GNU General Public License, version 3 or later.
//
// Text between a game and the rest of the world: always valid UTF-8 outside, whatever the game's clients write inside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#if defined(__has_include)
#if __has_include(<iconv.h>) && !defined(_WIN32)
#include <iconv.h>
#define LORESTREAM_ICONV 1
#endif
#endif

namespace lorestream {

/// How many bytes the well-formed UTF-8 character at the start of `text` takes; 0 when there is none (RFC 3629).
inline std::size_t utf8_length(std::string_view text) {
	if (text.empty())
		return 0;
	const auto byte = [&text](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
	const std::uint8_t lead = byte(0);
	if (lead < 0x80)
		return 1;
	const std::size_t length = lead >= 0xC2 && lead <= 0xDF ? 2 : lead >= 0xE0 && lead <= 0xEF ? 3 : lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
	if (length == 0 || text.size() < length)
		return 0;
	// Overlong forms, surrogates and what lies beyond U+10FFFF show in the second byte.
	const std::uint8_t least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
	const std::uint8_t most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
	if (byte(1) < least || byte(1) > most)
		return 0;
	for (std::size_t at = 2; at < length; at++)
		if ((byte(at) & 0xC0) != 0x80)
			return 0;
	return length;
}

inline bool is_utf8(std::string_view text) {
	while (!text.empty()) {
		const std::size_t length = utf8_length(text);
		if (length == 0)
			return false;
		text.remove_prefix(length);
	}
	return true;
}

/// `text` with every byte that belongs to no character replaced by U+FFFD.
inline std::string repaired(std::string_view text) {
	std::string clean;
	clean.reserve(text.size());
	while (!text.empty()) {
		const std::size_t length = utf8_length(text);
		if (length == 0)
			clean += "\xEF\xBF\xBD";
		else
			clean.append(text.substr(0, length));
		text.remove_prefix(length == 0 ? 1 : length);
	}
	return clean;
}

/// At most `most` bytes of `text` (UTF-8), cut between two characters.
inline std::string_view cut(std::string_view text, std::size_t most) {
	if (text.size() <= most)
		return text;
	std::size_t end = most;
	while (end > 0 && (static_cast<std::uint8_t>(text[end]) & 0xC0) == 0x80)
		end--;
	return text.substr(0, end);
}

/// `text` as one line of a server's console: control characters, which could write lines of their own or steer the operator's
/// terminal, become question marks.
inline std::string one_line(std::string_view text) {
	std::string line(text);
	for (char& letter : line)
		if (static_cast<std::uint8_t>(letter) < 0x20 || letter == 0x7F)
			letter = '?';
	return line;
}

/// The code page of the game's clients, e.g. "CP874". Empty, or unknown to this system: UTF-8.
class CodePage {
public:
	explicit CodePage(const std::string& name = "") {
#ifdef LORESTREAM_ICONV
		if (!name.empty() && name != "UTF-8" && name != "utf-8") {
			to_utf8_ = iconv_open("UTF-8", name.c_str());
			from_utf8_ = iconv_open(name.c_str(), "UTF-8");
		}
		known_ = name.empty() || name == "UTF-8" || name == "utf-8" || (open(to_utf8_) && open(from_utf8_));
#else
		known_ = name.empty() || name == "UTF-8" || name == "utf-8";
#endif
	}

	CodePage(const CodePage&) = delete;
	CodePage& operator=(const CodePage&) = delete;

	~CodePage() {
#ifdef LORESTREAM_ICONV
		if (open(to_utf8_))
			iconv_close(to_utf8_);
		if (open(from_utf8_))
			iconv_close(from_utf8_);
#endif
	}

	bool known() const { return known_; }

	/// Text from the game as valid UTF-8. What is UTF-8 already stays as it is.
	std::string to_utf8(std::string_view text) const {
		if (is_utf8(text))
			return std::string(text);
#ifdef LORESTREAM_ICONV
		if (open(to_utf8_))
			return repaired(converted(to_utf8_, text, "\xEF\xBF\xBD", false));
#endif
		return repaired(text);
	}

	/// UTF-8 for the game; characters its code page lacks become question marks.
	std::string from_utf8(std::string_view text) const {
#ifdef LORESTREAM_ICONV
		if (open(from_utf8_))
			return converted(from_utf8_, text, "?", true);
#endif
		return std::string(text);
	}

private:
#ifdef LORESTREAM_ICONV
	static bool open(iconv_t descriptor) { return descriptor != reinterpret_cast<iconv_t>(-1); }

	static std::string converted(iconv_t descriptor, std::string_view text, const char* unknown, bool characters) {
		std::string made;
		char buffer[512];
		iconv(descriptor, nullptr, nullptr, nullptr, nullptr);
		char* from = const_cast<char*>(text.data());
		std::size_t left = text.size();
		while (left > 0) {
			char* to = buffer;
			std::size_t room = sizeof(buffer);
			const std::size_t outcome = iconv(descriptor, &from, &left, &to, &room);
			made.append(buffer, sizeof(buffer) - room);
			// A full buffer is no trouble; anything else is one character (or byte) that cannot be converted.
			if (outcome == static_cast<std::size_t>(-1) && left > 0 && room > 16) {
				const std::size_t skipped = characters ? utf8_length({from, left}) : 1;
				made += unknown;
				from += skipped == 0 ? 1 : skipped;
				left -= skipped == 0 ? 1 : skipped;
			}
		}
		return made;
	}

	iconv_t to_utf8_ = reinterpret_cast<iconv_t>(-1);
	iconv_t from_utf8_ = reinterpret_cast<iconv_t>(-1);
#endif
	bool known_ = true;
};

} // namespace lorestream
