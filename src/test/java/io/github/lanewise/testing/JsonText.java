package io.github.lanewise.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads well-formed JSON into maps, lists, strings, doubles, booleans and null. */
public final class JsonText {
  private final String text;
  private int position;

  private JsonText(String text) {
    this.text = text;
  }

  /** The value that a file holds. */
  public static Object read(Path file) throws IOException {
    return parse(Files.readString(file));
  }

  /** The value that a text stands for. */
  public static Object parse(String text) {
    JsonText json = new JsonText(text);
    Object value = json.value();
    if (json.peek() != 0) {
      throw json.error("the end");
    }
    return value;
  }

  /** The next character that is not white space, 0 at the end. */
  private char peek() {
    while (position < text.length() && Character.isWhitespace(text.charAt(position))) {
      position++;
    }
    return position < text.length() ? text.charAt(position) : 0;
  }

  private boolean accept(char c) {
    boolean there = peek() == c;
    position += there ? 1 : 0;
    return there;
  }

  private void expect(char c) {
    if (!accept(c)) {
      throw error(String.valueOf(c));
    }
  }

  private IllegalArgumentException error(String wanted) {
    return new IllegalArgumentException("expected " + wanted + " at " + position);
  }

  private Object value() {
    return switch (peek()) {
      case '{' -> object();
      case '[' -> list();
      case '"' -> string();
      default -> literal();
    };
  }

  private Map<String, Object> object() {
    Map<String, Object> map = new LinkedHashMap<>();
    expect('{');
    if (!accept('}')) {
      do {
        String key = string();
        expect(':');
        map.put(key, value());
      } while (accept(','));
      expect('}');
    }
    return map;
  }

  private List<Object> list() {
    List<Object> list = new ArrayList<>();
    expect('[');
    if (!accept(']')) {
      do {
        list.add(value());
      } while (accept(','));
      expect(']');
    }
    return list;
  }

  private String string() {
    expect('"');
    StringBuilder string = new StringBuilder();
    for (char c; (c = text.charAt(position++)) != '"'; ) {
      if (c == '\\') {
        c = text.charAt(position++);
        switch (c) {
          case 'n' -> c = '\n';
          case 't' -> c = '\t';
          case 'r' -> c = '\r';
          case 'b' -> c = '\b';
          case 'f' -> c = '\f';
          case 'u' -> {
            c = (char) Integer.parseInt(text, position, position + 4, 16);
            position += 4;
          }
          default -> {} // stands for itself
        }
      }
      string.append(c);
    }
    return string.toString();
  }

  private Object literal() {
    int start = position;
    while (position < text.length() && ",]} \n\r\t".indexOf(text.charAt(position)) < 0) {
      position++;
    }
    String literal = text.substring(start, position);
    return switch (literal) {
      case "true" -> true;
      case "false" -> false;
      case "null" -> null;
      default -> Double.valueOf(literal);
    };
  }
}
