package dev.holdfast.server.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The characters of an HCL file, and its words. */
final class HclScanner {
    private static final Pattern IDENTIFIER = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_.-]*");
    private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?([eE][+-]?\\d+)?");
    private static final Pattern HERE = Pattern.compile("<<(-?)([\\p{L}_][\\p{L}\\p{N}_]*)[ \\t]*\n");

    private final String file;
    private final String text;
    private int at;
    private int line = 1;

    HclScanner(String file, String text) {
        this.file = file;
        String unified = text.replace("\r\n", "\n").replace('\r', '\n');
        this.text = unified.startsWith("\uFEFF") ? unified.substring(1) : unified;
    }

    Place place() {
        return new Place(file, line);
    }

    SyntaxException error(String problem) {
        return new SyntaxException(place(), problem);
    }

    boolean atEnd() {
        return at >= text.length();
    }

    /** The next character, or NUL at the end. */
    char peek() {
        return atEnd() ? '\0' : text.charAt(at);
    }

    boolean startsWith(String prefix) {
        return text.startsWith(prefix, at);
    }

    boolean take(char wanted) {
        if (atEnd() || text.charAt(at) != wanted) {
            return false;
        }
        advance(1);
        return true;
    }

    private void advance(int count) {
        for (int i = 0; i < count; i++) {
            if (text.charAt(at++) == '\n') {
                line++;
            }
        }
    }

    /** Skips spaces and comments within the line. */
    void skipSpace() {
        skip(" \t");
    }

    /** Skips spaces, line ends and comments. */
    void skipBlank() {
        skip(" \t\n");
    }

    private void skip(String blank) {
        while (!atEnd()) {
            if (blank.indexOf(peek()) >= 0) {
                advance(1);
            } else if (peek() == '#' || startsWith("//")) {
                int end = text.indexOf('\n', at);
                advance((end < 0 ? text.length() : end) - at);
            } else if (startsWith("/*")) {
                int end = text.indexOf("*/", at + 2);
                if (end < 0) {
                    throw error("the comment that begins here is never closed with '*/'");
                }
                advance(end + 2 - at);
            } else {
                return;
            }
        }
    }

    String identifier(String expected) {
        Matcher found = IDENTIFIER.matcher(text).region(at, text.length());
        if (!found.lookingAt()) {
            throw error("found '" + peek() + "' where " + expected + " should be");
        }
        advance(found.end() - at);
        return found.group();
    }

    String numberOrTruth(String key) {
        Matcher number = NUMBER.matcher(text).region(at, text.length());
        if (number.lookingAt()) {
            advance(number.end() - at);
            if (!atEnd() && Character.isLetter(peek())) {
                throw error("the value of '" + key + "' must be in double quotes");
            }
            return number.group();
        }
        String word = IDENTIFIER.matcher(text).region(at, text.length()).lookingAt() ? identifier("a value") : "";
        if (word.equals("true") || word.equals("false")) {
            return word;
        }
        throw error(
                "the value of '" + key + "' must be text in double quotes, a number, true, false, a list or a block");
    }

    /** A string in double quotes. */
    String string() {
        Place opened = place();
        advance(1);
        StringBuilder value = new StringBuilder();
        while (true) {
            if (atEnd() || peek() == '\n') {
                throw new SyntaxException(opened, "the text that begins here is never closed with '\"'");
            }
            char c = text.charAt(at);
            advance(1);
            if (c == '"') {
                return value.toString();
            }
            value.append(c == '\\' ? escaped() : String.valueOf(c));
        }
    }

    private String escaped() {
        char c = peek();
        int digits = c == 'u' ? 4 : c == 'U' ? 8 : 0;
        if (digits > 0) {
            Matcher hex = Pattern.compile("[0-9A-Fa-f]{" + digits + "}").matcher(text);
            int code = hex.region(at + 1, text.length()).lookingAt() ? Integer.parseUnsignedInt(hex.group(), 16) : -1;
            if (!Character.isValidCodePoint(code)) {
                throw error("'\\" + c + "' must be followed by the " + digits + " hexadecimal digits of a character");
            }
            advance(1 + digits);
            return Character.toString(code);
        }
        int known = "nrt\"\\".indexOf(c);
        if (known < 0) {
            throw error("'\\" + c + "' is no escape; write '\\\\' for a backslash");
        }
        advance(1);
        return "\n\r\t\"\\".substring(known, known + 1);
    }

    /** {@code <<END … END}; with {@code <<-END} the lines' indentation is taken off. */
    String hereDocument() {
        Place opened = place();
        Matcher head = HERE.matcher(text).region(at, text.length());
        if (!head.lookingAt()) {
            throw error("'<<' must be followed by a word and the end of the line");
        }
        boolean indented = !head.group(1).isEmpty();
        advance(head.end() - at);
        StringBuilder value = new StringBuilder();
        while (!atEnd()) {
            int end = text.indexOf('\n', at);
            String row = text.substring(at, end < 0 ? text.length() : end);
            advance((end < 0 ? text.length() : end + 1) - at);
            if (row.strip().equals(head.group(2))) {
                // The line's end belongs to the statement, not to the text.
                return value.toString();
            }
            value.append(indented ? row.stripLeading() : row).append('\n');
        }
        throw new SyntaxException(opened, "the text that begins here is never closed with '" + head.group(2) + "'");
    }
}
