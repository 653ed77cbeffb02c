// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reads the header of a safetensors file.

#include "SafetensorsHeader.h"

#include <cctype>

using namespace condense::safetensors;

namespace {
class HeaderParser {
public:
  HeaderParser(std::string_view text, std::string &reason) : text(text), reason(reason) {}

  bool parse(std::vector<HeaderEntry> &entries) {
    auto readTensor = [&](std::string name) {
      if (name == "__metadata__")
        return parseMetadata();
      entries.emplace_back();
      entries.back().name = std::move(name);
      return parseEntry(entries.back());
    };
    if (!parseObject(readTensor))
      return false;
    skipSpace();
    return position == text.size() || fail("expected its end");
  }

private:
  static constexpr size_t maxRank = 32;

  bool fail(const std::string &what) {
    if (reason.empty())
      reason = what + " at byte " + std::to_string(position);
    return false;
  }

  void skipSpace() {
    while (position < text.size() &&
           (text[position] == ' ' || text[position] == '\n' || text[position] == '\t' || text[position] == '\r'))
      ++position;
  }

  bool take(char c) {
    skipSpace();
    if (position == text.size() || text[position] != c)
      return false;
    ++position;
    return true;
  }

  bool expect(char c) { return take(c) || fail(std::string("expected '") + c + "'"); }

  /// Calls `readMember` with each key, after the colon.
  template <typename Function> bool parseObject(Function readMember) {
    if (!expect('{'))
      return false;
    if (take('}'))
      return true;
    do {
      std::string key;
      if (!parseString(key) || !expect(':') || !readMember(std::move(key)))
        return false;
    } while (take(','));
    return expect('}');
  }

  bool parseMetadata() {
    return parseObject([&](std::string) {
      std::string value;
      return parseString(value);
    });
  }

  bool parseEntry(HeaderEntry &entry) {
    bool hasType = false, hasShape = false, hasOffsets = false;
    auto readMember = [&](std::string key) {
      auto isFirst = [&](bool &seen) {
        bool first = !seen;
        seen = true;
        return first || fail("'" + key + "' given twice");
      };
      if (key == "dtype")
        return isFirst(hasType) && parseString(entry.type);
      if (key == "shape")
        return isFirst(hasShape) && parseNumbers(entry.shape);
      if (key != "data_offsets")
        return fail("unexpected key '" + key.substr(0, 32) + "'");
      std::vector<int64_t> offsets;
      if (!isFirst(hasOffsets) || !parseNumbers(offsets))
        return false;
      if (offsets.size() != 2)
        return fail("expected two data_offsets");
      entry.begin = offsets[0];
      entry.end = offsets[1];
      return true;
    };
    return parseObject(readMember) &&
           ((hasType && hasShape && hasOffsets) ||
            fail("tensor '" + entry.name.substr(0, 64) + "' lacks dtype, shape or data_offsets"));
  }

  bool parseNumbers(std::vector<int64_t> &numbers) {
    if (!expect('['))
      return false;
    if (take(']'))
      return true;
    do {
      int64_t number = 0;
      if (!parseNumber(number))
        return false;
      if (numbers.size() == maxRank)
        return fail("too many dimensions");
      numbers.push_back(number);
    } while (take(','));
    return expect(']');
  }

  /// A natural number.
  bool parseNumber(int64_t &number) {
    skipSpace();
    size_t start = position;
    for (; position < text.size() && text[position] >= '0' && text[position] <= '9'; ++position)
      if (__builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, text[position] - '0', &number))
        return fail("a number that is too large");
    return position != start || fail("expected a natural number");
  }

  bool parseString(std::string &value) {
    if (!expect('"'))
      return false;
    while (position < text.size() && text[position] != '"') {
      char c = text[position++];
      if (static_cast<unsigned char>(c) < 0x20)
        return fail("a control character in a string");
      if (c != '\\')
        value += c;
      else if (!parseEscape(value))
        return false;
    }
    return expect('"');
  }

  bool parseEscape(std::string &value) {
    constexpr std::string_view names = "\"\\/bfnrt", values = "\"\\/\b\f\n\r\t";
    char c = position < text.size() ? text[position++] : '\0';
    if (size_t index = names.find(c); c && index != names.npos) {
      value += values[index];
      return true;
    }
    if (c != 'u')
      return fail("a bad escape in a string");
    unsigned code = 0;
    if (!parseHex(code))
      return false;
    if (code >= 0xd800 && code < 0xdc00) {
      unsigned low = 0;
      if (text.substr(position, 2) != "\\u")
        return fail("half a surrogate pair");
      position += 2;
      if (!parseHex(low))
        return false;
      if (low < 0xdc00 || low >= 0xe000)
        return fail("half a surrogate pair");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else if (code >= 0xdc00 && code < 0xe000) {
      return fail("half a surrogate pair");
    }
    appendUTF8(code, value);
    return true;
  }

  bool parseHex(unsigned &code) {
    for (int i = 0; i != 4; ++i) {
      char c = position < text.size() ? text[position] : '\0';
      if (!std::isxdigit(static_cast<unsigned char>(c)))
        return fail("a bad escape in a string");
      ++position;
      code = code * 16 + (c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
    }
    return true;
  }

  static void appendUTF8(unsigned code, std::string &value) {
    auto put = [&](unsigned byte) { value += static_cast<char>(byte); };
    if (code < 0x80) {
      put(code);
      return;
    }
    int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    constexpr unsigned lead[] = {0, 0xc0, 0xe0, 0xf0};
    put(lead[more] | code >> (6 * more));
    while (more--)
      put(0x80 | (code >> (6 * more) & 0x3f));
  }

  std::string_view text;
  std::string &reason;
  size_t position = 0;
};
} // namespace

bool condense::safetensors::parseHeader(std::string_view text, std::vector<HeaderEntry> &entries, std::string &reason) {
  return HeaderParser(text, reason).parse(entries);
}

std::string condense::safetensors::quote(std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  std::string result = "\"";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20)
      result += {'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15]};
    else if (c == '"' || c == '\\')
      result += {'\\', c};
    else
      result += c;
  }
  return result + '"';
}
