package dev.holdfast.backend.etcd;

import com.google.protobuf.ByteString;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Prefix;

/**
 * Where things lie in etcd; the layout is described in the documentation of this package.
 *
 * <p>A directory is named by its path with the final {@code /}, and the root by the empty string, as in {@link Prefix}.
 */
final class EtcdKeys {
    /** The byte after {@code /}: what ends every range of keys that share a prefix which ends in a slash. */
    private static final char AFTER_SLASH = '/' + 1;

    /** Behind a key, it makes the least one that is greater. */
    static final ByteString ZERO = ByteString.copyFromUtf8("\0");

    private final String data;
    private final String locks;
    private final ByteString fence;

    /** @param path empty or ending in {@code /} */
    EtcdKeys(String path) {
        data = path + "d/";
        locks = path + "l/";
        fence = ByteString.copyFromUtf8(path + "f");
    }

    /** Keys from {@code start}, inclusive, to {@code end}, exclusive. */
    record Range(ByteString start, ByteString end) {}

    ByteString fence() {
        return fence;
    }

    /** A key's value. */
    ByteString value(Key key) {
        return child(key.parent().path(), key.name());
    }

    /** A child of a directory: the value {@code name}, or the marker of the sub-directory {@code name/}. */
    ByteString child(String directory, String name) {
        return ByteString.copyFromUtf8(data + directory + "/" + name);
    }

    /** The marker of a directory other than the root. */
    ByteString marker(String directory) {
        return child(parent(directory), nameIn(parent(directory), directory));
    }

    /** The children of a directory whose names are greater than {@code after}. */
    Range children(String directory, String after) {
        ByteString beginning = child(directory, after);
        ByteString start = after.isEmpty() ? beginning : beginning.concat(ZERO);
        return new Range(start, ByteString.copyFromUtf8(data + directory + AFTER_SLASH));
    }

    /** Everything below a directory other than the root, at any depth; its own marker is not part of it. */
    Range subtree(String directory) {
        String withoutSlash = directory.substring(0, directory.length() - 1);
        return new Range(
                ByteString.copyFromUtf8(data + directory), ByteString.copyFromUtf8(data + withoutSlash + AFTER_SLASH));
    }

    /** The contenders of a lock. */
    Range queue(Key lock) {
        String directory = locks + lock.path() + "/";
        return new Range(ByteString.copyFromUtf8(directory + "/"), ByteString.copyFromUtf8(directory + AFTER_SLASH));
    }

    /** One contender of a lock. */
    ByteString contender(Key lock, long lease, long number) {
        return ByteString.copyFromUtf8(locks + lock.path() + "//" + Long.toHexString(lease) + "-" + number);
    }

    /** The gate of a session. No lock has an empty name, so it stands in no queue. */
    ByteString gate(long lease) {
        return ByteString.copyFromUtf8(locks + "/" + Long.toHexString(lease));
    }

    /** The directory that a directory other than the root lies in. */
    static String parent(String directory) {
        return directory.substring(0, directory.lastIndexOf('/', directory.length() - 2) + 1);
    }

    /** What a key or a directory is called in one of the directories above it: {@code name}, or {@code name/}. */
    static String nameIn(String ancestor, String path) {
        int slash = path.indexOf('/', ancestor.length());
        return slash < 0 ? path.substring(ancestor.length()) : path.substring(ancestor.length(), slash + 1);
    }
}
