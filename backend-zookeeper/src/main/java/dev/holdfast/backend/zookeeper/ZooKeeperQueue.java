package dev.holdfast.backend.zookeeper;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The order of the entries of one lock, by the number that ZooKeeper adds to their names: {@code session-n-number}.
 *
 * <p>The number is 32 bits wide and wraps around, after two billion changes of one queue. Those in a queue at one time
 * are close together, so the sign of their difference tells which one is older.
 */
final class ZooKeeperQueue {
    private ZooKeeperQueue() {}

    /** The entry that has been there longest. */
    static Optional<String> first(List<String> names) {
        return names.stream().filter(name -> number(name).isPresent()).reduce((a, b) -> age(a, b) < 0 ? a : b);
    }

    /** The entry right before another one. */
    static Optional<String> before(String entry, List<String> names) {
        return names.stream()
                .filter(name -> number(name).isPresent() && age(name, entry) < 0)
                .reduce((a, b) -> age(a, b) < 0 ? b : a);
    }

    private static int age(String a, String b) {
        return number(a).orElseThrow() - number(b).orElseThrow();
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
