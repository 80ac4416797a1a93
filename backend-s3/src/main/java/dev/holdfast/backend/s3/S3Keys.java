package dev.holdfast.backend.s3;

import dev.holdfast.spi.Key;
import dev.holdfast.spi.Prefix;
import dev.holdfast.spi.driver.Checks;
import java.util.Set;
import java.util.UUID;

/** Which objects there are; the layout is described in the documentation of this package. */
final class S3Keys {
    /** The names of our own below a path: were one part of another path, two namespaces could meet. */
    static final Set<String> RESERVED = Set.of("d", "l", "e", "p");

    private static final int LONGEST = 1024;

    private final String path;

    /** @param path ending in {@code /} */
    S3Keys(String path) {
        this.path = path;
    }

    /** The object of a key's value. */
    String value(Key key) {
        return path + "d/" + key.path();
    }

    /** What the values below a prefix start with. */
    String values(Prefix prefix) {
        return path + "d/" + prefix.path();
    }

    /** Where a listing of {@code base} starts: at {@code after}, or before it where that is too long for S3. */
    static String start(String base, String after) {
        StringBuilder start = new StringBuilder(base);
        int bytes = Checks.utf8Length(base);
        for (int i = 0; i < after.length(); ) {
            int c = after.codePointAt(i);
            bytes += Checks.utf8Length(Character.toString(c));
            if (bytes > LONGEST) {
                break;
            }
            start.appendCodePoint(c);
            i += Character.charCount(c);
        }
        return start.toString();
    }

    /** The object of a lock. */
    String lock(Key lock) {
        return path + "l/" + lock.path();
    }

    /** The object that says which epochs of a lock were set aside. */
    String epochs(Key lock) {
        return path + "e/" + lock.path();
    }

    /** An object to try the store out with, another one each time. */
    String probe() {
        return path + "p/" + UUID.randomUUID();
    }
}
