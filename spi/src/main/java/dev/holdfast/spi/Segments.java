package dev.holdfast.spi;

/** The one place that knows what a segment of a key may contain, and how names are ordered. */
final class Segments {
    private Segments() {}

    /** Checks {@code segments[/segments…]}; {@code what} and {@code input} are for the message. */
    static void check(String what, String input, String path) {
        if (path.isEmpty()) {
            throw new InvalidKeyException(what, input, "it is empty");
        }
        int start = 0;
        for (int i = 0; i <= path.length(); i++) {
            if (i == path.length() || path.charAt(i) == '/') {
                checkSegment(what, input, path, start, i);
                start = i + 1;
            } else {
                i = checkCharacter(what, input, path, i);
            }
        }
    }

    private static void checkSegment(String what, String input, String path, int start, int end) {
        if (start == end) {
            throw new InvalidKeyException(
                    what, input, "a segment is empty: no leading, trailing or doubled '/' is allowed");
        }
        boolean dots =
                path.charAt(start) == '.' && (end - start == 1 || (end - start == 2 && path.charAt(start + 1) == '.'));
        if (dots) {
            throw new InvalidKeyException(what, input, "the segments '.' and '..' are not allowed");
        }
    }

    /** Returns the index of the last {@code char} of the character at {@code i}. */
    private static int checkCharacter(String what, String input, String path, int i) {
        char c = path.charAt(i);
        if (Character.isISOControl(c)) {
            throw new InvalidKeyException(
                    what, input, String.format("control character U+%04X at index %d", (int) c, i));
        }
        if (!Character.isSurrogate(c)) {
            return i;
        }
        boolean paired =
                Character.isHighSurrogate(c) && i + 1 < path.length() && Character.isLowSurrogate(path.charAt(i + 1));
        if (!paired) {
            throw new InvalidKeyException(
                    what, input, "unpaired surrogate at index " + i + ", which UTF-8 cannot encode");
        }
        return i + 1;
    }

    /** The order of the UTF-8 encodings, without encoding: UTF-16 units with surrogates moved above all others. */
    static int compare(String a, String b) {
        int shared = Math.min(a.length(), b.length());
        for (int i = 0; i < shared; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                return Integer.compare(rank(x), rank(y));
            }
        }
        return Integer.compare(a.length(), b.length());
    }

    private static int rank(char c) {
        return Character.isSurrogate(c) ? c + 0x10000 : c;
    }
}
