package dev.holdfast.backend.zookeeper;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The order of the entries of one lock, by the number that ZooKeeper adds to their names: {@code session-n-number}.
 *
 * <p>The number is 32 bits wide and begins anew when the queue was empty for a while. Where it does not, ZooKeeper gives the
 * highest one to all that come, who would all be first; so none of the highest counts.
 */
final class ZooKeeperQueue {
    /** More than can be on their way at one time. */
    private static final int SPARE = 1_000_000;

    private ZooKeeperQueue() {}

    /** The entry that has been there longest. */
    static Optional<String> first(List<String> names) {
        String first = null;
        int least = 0;
        for (String name : names) {
            OptionalInt number = number(name);
            if (number.isPresent() && (first == null || number.getAsInt() < least)) {
                first = name;
                least = number.getAsInt();
            }
        }
        return Optional.ofNullable(first);
    }

    /** The entry right before another one. */
    static Optional<String> before(String entry, List<String> names) {
        int own = number(entry).orElseThrow();
        String before = null;
        int most = 0;
        for (String name : names) {
            OptionalInt number = number(name);
            if (number.isPresent() && number.getAsInt() < own && (before == null || number.getAsInt() > most)) {
                before = name;
                most = number.getAsInt();
            }
        }
        return Optional.ofNullable(before);
    }

    /** Whether the numbers of this entry's queue are used up, so that nobody may go by them. */
    static boolean isWornOut(String name) {
        int number = number(name).orElseThrow();
        return number < 0 || number > Integer.MAX_VALUE - SPARE;
    }

    /** Empty for a node that is none of ours. */
    private static OptionalInt number(String name) {
        int second = name.indexOf('-', name.indexOf('-') + 1);
        try {
            return second < 1 ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(name.substring(second + 1)));
        } catch (NumberFormatException e) {
            return OptionalInt.empty();
        }
    }
}
