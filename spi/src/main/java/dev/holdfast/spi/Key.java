package dev.holdfast.spi;

/**
 * The name of a value: UTF-8 segments joined by {@code /}, such as {@code core/lock}.
 *
 * <p>No leading or trailing {@code /}, no empty segment, no {@code .} or {@code ..} segment, no control character, no
 * unpaired surrogate; everything else is allowed and means itself: {@code a//b} is refused rather than folded into
 * {@code a/b}, while {@code %2F}, spaces, letter case and Unicode normal forms stay as they are (rule KV-04). Because an
 * invalid key cannot be built, no driver checks one again. How long a key may be is for {@link Limits} to say.
 *
 * <p>Keys are ordered by their UTF-8 bytes.
 *
 * @param path the whole key
 */
public record Key(String path) implements Comparable<Key> {
    /** @throws InvalidKeyException when {@code path} breaks one of the rules above */
    public Key {
        Segments.check("key", path, path);
    }

    /**
     * The key with this path.
     *
     * @throws InvalidKeyException when {@code path} is no valid key
     */
    public static Key of(String path) {
        return new Key(path);
    }

    /** The prefix that this key is an immediate child of; {@link Prefix#ROOT} for a key of one segment. */
    public Prefix parent() {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? Prefix.ROOT : new Prefix(path.substring(0, slash + 1));
    }

    /** The last segment. */
    public String name() {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** The prefix of everything below this key; a key and its prefix may both be in use (rule KV-05). */
    public Prefix asPrefix() {
        return new Prefix(path + "/");
    }

    @Override
    public int compareTo(Key other) {
        return Segments.compare(path, other.path);
    }

    /** The path, so that a key can stand in a message as it is. */
    @Override
    public String toString() {
        return path;
    }
}
