// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Parses the header of an .npy file. Only what NumPy itself writes for plain
// arrays is accepted: a dictionary of a string, a boolean and a tuple.

#include "NpyHeader.h"

#include <limits>

using namespace condense::npy;

namespace {
/// More dimensions than NumPy allows would only be an attempt to waste memory.
constexpr size_t maxRank = 64;

class HeaderParser {
public:
  HeaderParser(std::string_view text, Header &header, std::string &reason)
      : text(text), header(header), reason(reason) {}

  bool parse() {
    if (!expect('{'))
      return false;
    while (!accept('}')) {
      if (!parseEntry())
        return false;
      if (!accept(',')) {
        if (!expect('}'))
          return false;
        break;
      }
    }
    skipSpace();
    if (position != text.size())
      return fail("unexpected text after the dictionary");
    if (seen != allKeys)
      return fail("it must have 'descr', 'fortran_order' and 'shape'");
    return true;
  }

private:
  enum Key : unsigned { Descr = 1, FortranOrder = 2, Shape = 4, allKeys = 7 };

  bool fail(std::string why) {
    reason = std::move(why);
    return false;
  }

  void skipSpace() {
    while (position < text.size() && (text[position] == ' ' || text[position] == '\n'))
      ++position;
  }

  bool accept(char c) {
    skipSpace();
    if (position == text.size() || text[position] != c)
      return false;
    ++position;
    return true;
  }

  bool expect(char c) {
    return accept(c) || fail(std::string("expected '") + c + "' at byte " + std::to_string(position));
  }

  bool acceptWord(std::string_view word) {
    skipSpace();
    if (text.substr(position, word.size()) != word)
      return false;
    position += word.size();
    return true;
  }

  bool parseString(std::string &value) {
    char quote = accept('\'') ? '\'' : accept('"') ? '"' : 0;
    if (!quote)
      return fail("expected a string at byte " + std::to_string(position) + " (structured types are not supported)");
    size_t end = text.find(quote, position);
    if (end == std::string_view::npos)
      return fail("a string does not end");
    value = text.substr(position, end - position);
    position = end + 1;
    return true;
  }

  bool parseEntry() {
    std::string name;
    if (!parseString(name) || !expect(':'))
      return false;
    unsigned key = name == "descr" ? Descr : name == "fortran_order" ? FortranOrder : name == "shape" ? Shape : 0;
    if (!key)
      return fail("unknown key '" + name.substr(0, 32) + "'");
    if (seen & key)
      return fail("key '" + name + "' is there twice");
    seen |= key;
    if (key == Descr)
      return parseString(header.descr);
    return key == Shape ? parseShape() : parseOrder();
  }

  bool parseOrder() {
    header.fortranOrder = acceptWord("True");
    return header.fortranOrder || acceptWord("False") || fail("'fortran_order' must be True or False");
  }

  bool parseShape() {
    if (!expect('('))
      return false;
    while (!accept(')')) {
      int64_t size = 0;
      if (!parseInteger(size))
        return false;
      if (header.shape.size() == maxRank)
        return fail("more than 64 dimensions");
      header.shape.push_back(size);
      if (!accept(','))
        return expect(')');
    }
    return true;
  }

  bool parseInteger(int64_t &value) {
    skipSpace();
    size_t begin = position;
    for (; position < text.size() && text[position] >= '0' && text[position] <= '9'; ++position) {
      int digit = text[position] - '0';
      if (value > (std::numeric_limits<int64_t>::max() - digit) / 10)
        return fail("a size does not fit into 64 bits");
      value = value * 10 + digit;
    }
    return position != begin || fail("expected a size at byte " + std::to_string(position) + " of 'shape'");
  }

  std::string_view text;
  size_t position = 0;
  unsigned seen = 0;
  Header &header;
  std::string &reason;
};
} // namespace

bool condense::npy::parseHeader(std::string_view text, Header &header, std::string &reason) {
  return HeaderParser(text, header, reason).parse();
}
