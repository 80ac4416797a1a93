package dev.holdfast.backend.zookeeper;

import dev.holdfast.spi.Key;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where things lie in ZooKeeper; the layout is described in the documentation of this package.
 *
 * <p>A directory is named by its path with the final {@code /}, and the root by the empty string, as in
 * {@link dev.holdfast.spi.Prefix}.
 */
final class ZooKeeperKeys {
    private static final char VALUE = '=';
    private static final char DIRECTORY = '+';

    private final String path;
    private final String data;
    private final String locks;

    /** @param path starting with {@code /}, not ending in it */
    ZooKeeperKeys(String path) {
        this.path = path;
        data = path + "/d";
        locks = path + "/l";
    }

    /** The node that everything lies below. */
    String path() {
        return path;
    }

    String fence() {
        return path + "/f";
    }

    /** The node of a key's value. */
    String value(Key key) {
        return directory(key.parent().path()) + "/" + node(key.name());
    }

    /** The node of a directory, or of the root. */
    String directory(String directory) {
        StringBuilder node = new StringBuilder(data);
        for (int start = 0; start < directory.length(); ) {
            int end = directory.indexOf('/', start);
            node.append('/').append(DIRECTORY).append(escape(directory.substring(start, end), false));
            start = end + 1;
        }
        return node.toString();
    }

    /** What the node of a child is called: of the value {@code name}, or the directory {@code name/}. */
    static String node(String child) {
        boolean directory = child.endsWith("/");
        String name = directory ? child.substring(0, child.length() - 1) : child;
        return (directory ? DIRECTORY : VALUE) + escape(name, false);
    }

    /** The reverse of {@link #node}; empty for what this backend cannot have written. */
    static Optional<String> child(String node) {
        if (node.isEmpty() || (node.charAt(0) != VALUE && node.charAt(0) != DIRECTORY)) {
            return Optional.empty();
        }
        Optional<String> name = unescape(node.substring(1));
        return node.charAt(0) == DIRECTORY ? name.map(directory -> directory + "/") : name;
    }

    /** The node that all queues are below. */
    String locks() {
        return locks;
    }

    /** The queue of a lock. */
    String queue(Key lock) {
        return locks + "/" + escape(lock.path(), true);
    }

    /** The directories above a key, other than the root, from the top. */
    static List<String> directories(Key key) {
        List<String> directories = new ArrayList<>();
        String path = key.path();
        for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
            directories.add(path.substring(0, slash + 1));
        }
        return directories;
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

    private static String escape(String name, boolean slash) {
        if (isPlain(name, slash)) {
            return name; // as nearly all are
        }
        StringBuilder escaped = new StringBuilder(name.length());
        name.codePoints().forEach(c -> {
            if (isPlain(c) && !(slash && c == '/')) {
                escaped.appendCodePoint(c);
            } else {
                for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                    escaped.append('%')
                            .append(Character.forDigit((b >> 4) & 0xF, 16))
                            .append(Character.forDigit(b & 0xF, 16));
                }
            }
        });
        return escaped.toString();
    }

    /** Whether ZooKeeper allows it in a name; what its client checks, and our own escape. */
    private static boolean isPlain(int c) {
        boolean low = c >= ' ' && c < 0xD800 && !(c >= 0x7F && c <= 0x9F);
        boolean high = c >= 0xF900 && c < 0xFFF0;
        return c != '%' && (low || high);
    }

    private static boolean isPlain(String name, boolean slash) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (!isPlain(c) || (slash && c == '/')) {
                return false;
            }
        }
        return true;
    }

    private static Optional<String> unescape(String name) {
        if (!name.isEmpty() && isPlain(name, false)) {
            return Optional.of(name);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(name.length());
        for (int i = 0; i < name.length(); ) {
            int c = name.codePointAt(i);
            if (c != '%') {
                bytes.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
                i += Character.charCount(c);
                continue;
            }
            int high = i + 2 < name.length() ? Character.digit(name.charAt(i + 1), 16) : -1;
            int low = i + 2 < name.length() ? Character.digit(name.charAt(i + 2), 16) : -1;
            if (high < 0 || low < 0) {
                return Optional.empty();
            }
            bytes.write(high << 4 | low);
            i += 3;
        }
        String plain = bytes.toString(StandardCharsets.UTF_8);
        boolean ours = !plain.isEmpty() && escape(plain, false).equals(name);
        return ours ? Optional.of(plain) : Optional.empty();
    }
}
