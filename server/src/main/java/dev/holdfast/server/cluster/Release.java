package dev.holdfast.server.cluster;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a build of the server is to the other nodes of its cluster.
 *
 * @param version such as {@code 0.1.0}
 * @param protocol the number of what it says to other nodes and writes into storage
 * @param oldestProtocol the lowest such number that it still understands
 */
public record Release(String version, int protocol, int oldestProtocol) {
    /** Raised with what nodes say to each other, or write, in a way that an earlier build would not understand. */
    private static final int PROTOCOL = 1;

    private static final int OLDEST_PROTOCOL = 1;
    private static final Pattern NUMBERS = Pattern.compile("(\\d{1,6})(?:\\.(\\d{1,6}))?(?:[.+-].*)?");

    /** A major and a minor version. */
    record Numbers(int major, int minor) {}

    /** This build, by the version that it goes by. */
    public static Release of(String version) {
        return new Release(version, PROTOCOL, OLDEST_PROTOCOL);
    }

    /** Whether it understands what is said, or was written, by one with this protocol. */
    public boolean knows(int other) {
        return other >= oldestProtocol && other <= protocol;
    }

    /** Empty when the version is not one that can be compared. */
    static Optional<Numbers> numbers(String version) {
        Matcher matcher = NUMBERS.matcher(version);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String minor = matcher.group(2);
        return Optional.of(
                new Numbers(Integer.parseInt(matcher.group(1)), minor == null ? 0 : Integer.parseInt(minor)));
    }

    /** Such as {@code 1}, or {@code 1 to 2}. */
    public String protocols() {
        return oldestProtocol == protocol ? String.valueOf(protocol) : oldestProtocol + " to " + protocol;
    }
}
