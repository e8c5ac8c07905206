package io.github.lanewise.io;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * Reads the JSON (RFC 8259) of a safetensors header: objects, strings and non-negative integers, as
 * the caller asks for them. Everything not asked for is an error, duplicate keys are errors, and
 * nesting goes only as deep as the caller's own calls, so that no text can exhaust the stack.
 */
final class Json {

  /** Reads the value of a key. */
  interface Member {
    void read(String key) throws IOException;
  }

  private final String text;
  private final String where;
  private int position;

  /**
   * A reader at the beginning of a text.
   *
   * @param where what error messages begin with
   */
  Json(String text, String where) {
    this.text = text;
    this.where = where;
  }

  /** Reads an object; {@code member} must read one value each time it is called. */
  void object(Member member) throws IOException {
    expect('{');
    if (accept('}')) {
      return;
    }
    Set<String> keys = new HashSet<>();
    do {
      String key = string();
      if (!keys.add(key)) {
        throw error("duplicate key " + quote(key));
      }
      expect(':');
      member.read(key);
    } while (accept(','));
    expect('}');
  }

  /** Reads an array of non-negative integers. */
  long[] integers() throws IOException {
    expect('[');
    if (accept(']')) {
      return new long[0];
    }
    long[] values = new long[8];
    int n = 0;
    do {
      if (n == values.length) {
        values = Arrays.copyOf(values, 2 * n);
      }
      values[n++] = integer();
    } while (accept(','));
    expect(']');
    return Arrays.copyOf(values, n);
  }

  private long integer() throws IOException {
    skipWhitespace();
    int start = position;
    long value = 0;
    while (position < text.length() && isDigit(text.charAt(position))) {
      int digit = text.charAt(position++) - '0';
      if (value > (Long.MAX_VALUE - digit) / 10) {
        throw error("an integer above 2^63 - 1");
      }
      value = 10 * value + digit;
    }
    boolean leadingZero = position - start > 1 && text.charAt(start) == '0';
    boolean goesOn = position < text.length() && ".eE".indexOf(text.charAt(position)) >= 0;
    if (position == start || leadingZero || goesOn) {
      throw error("expected a non-negative integer");
    }
    return value;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** Reads a string. */
  String string() throws IOException {
    expect('"');
    StringBuilder result = new StringBuilder();
    for (char c; (c = next()) != '"'; ) {
      if (c < 0x20) {
        throw error("control character in a string");
      }
      result.append(c == '\\' ? escaped() : c);
    }
    // The text was decoded strictly, but escapes can spell halves of surrogate pairs.
    for (int i = 0; i < result.length(); i++) {
      if (Character.isSurrogate(result.charAt(i))) {
        if (!Character.isSupplementaryCodePoint(result.codePointAt(i))) {
          throw error("half a surrogate pair in a string");
        }
        i++;
      }
    }
    return result.toString();
  }

  private char escaped() throws IOException {
    char c = next();
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        int unit = 0;
        for (int i = 0; i < 4; i++) {
          char digit = next();
          int value = digit < 0x80 ? Character.digit(digit, 16) : -1;
          if (value < 0) {
            throw error("bad \\u escape");
          }
          unit = unit << 4 | value;
        }
        yield (char) unit;
      }
      default -> throw error("bad escape");
    };
  }

  /** Makes sure that nothing but whitespace follows. */
  void end() throws IOException {
    skipWhitespace();
    if (position < text.length()) {
      throw error("text after the end");
    }
  }

  private boolean accept(char c) {
    skipWhitespace();
    if (position < text.length() && text.charAt(position) == c) {
      position++;
      return true;
    }
    return false;
  }

  private void expect(char c) throws IOException {
    if (!accept(c)) {
      throw error("expected '" + c + "'");
    }
  }

  private char next() throws IOException {
    if (position == text.length()) {
      throw error("ends within a string");
    }
    return text.charAt(position++);
  }

  private void skipWhitespace() {
    while (position < text.length() && " \t\n\r".indexOf(text.charAt(position)) >= 0) {
      position++;
    }
  }

  private IOException error(String problem) {
    return new IOException("%s: %s at character %d".formatted(where, problem, position));
  }

  /** A string as JSON. */
  static String quote(String s) {
    StringBuilder result = new StringBuilder("\"");
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (c == '"' || c == '\\') {
        result.append('\\').append(c);
      } else if (c < 0x20) {
        result.append("\\u%04x".formatted((int) c));
      } else {
        result.append(c);
      }
    }
    return result.append('"').toString();
  }
}
