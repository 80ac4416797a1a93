package dev.holdfast.spi;

import java.util.Comparator;

/**
 * A subtree of the key space: {@link #ROOT}, or segments that end in {@code /}, such as {@code core/}.
 *
 * <p>The same rules hold for its segments as for those of a {@link Key}. The final {@code /} is part of it, so
 * {@code foo/} never matches the key {@code foobar} (rule LS-01).
 *
 * @param path empty, or segments each followed by {@code /}
 */
public record Prefix(String path) {
    /** Everything. */
    public static final Prefix ROOT = new Prefix("");

    /** The order of {@link Backend#list names in a listing}: by UTF-8 bytes, unsigned. */
    public static final Comparator<String> NAME_ORDER = Segments::compare;

    /** @throws InvalidKeyException when {@code path} is neither empty nor valid segments that end in {@code /} */
    public Prefix {
        if (!path.isEmpty()) {
            if (!path.endsWith("/")) {
                throw new InvalidKeyException("prefix", path, "it must be empty or end in '/'");
            }
            Segments.check("prefix", path, path.substring(0, path.length() - 1));
        }
    }

    /**
     * The prefix with this path.
     *
     * @throws InvalidKeyException when {@code path} is no valid prefix
     */
    public static Prefix of(String path) {
        return path.isEmpty() ? ROOT : new Prefix(path);
    }

    /**
     * The key below this prefix.
     *
     * @param name one or more segments
     * @throws InvalidKeyException when the result is no valid key
     */
    public Key key(String name) {
        return new Key(path + name);
    }

    /** Whether {@code key} lies below this prefix, at any depth. */
    public boolean contains(Key key) {
        return key.path().startsWith(path);
    }

    /** The path, so that a prefix can stand in a message as it is. */
    @Override
    public String toString() {
        return path;
    }
}
