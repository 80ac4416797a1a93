package dev.holdfast.backend.etcd;

import dev.holdfast.spi.Key;
import java.util.BitSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The numbers by which one session tells apart its contenders for the same lock: the least that is free, so that the
 * same few names come again and again. Etcd keeps each name that was ever deleted until it is compacted, and goes through
 * all of them when it is asked who is in a queue; with a new name each time, a lock would be the slower the more often it
 * was held.
 */
final class EtcdNumbers {
    private final ConcurrentHashMap<Key, BitSet> taken = new ConcurrentHashMap<>();

    /** A number that no other contender for this lock has. */
    int take(Key lock) {
        int[] number = new int[1];
        taken.compute(lock, (key, before) -> {
            BitSet numbers = before == null ? new BitSet() : before;
            number[0] = numbers.nextClearBit(0);
            numbers.set(number[0]);
            return numbers;
        });
        return number[0];
    }

    /** Gives a number back, whose entry is certain to be gone and not to come any more. */
    void free(Key lock, int number) {
        taken.computeIfPresent(lock, (key, numbers) -> {
            numbers.clear(number);
            return numbers.isEmpty() ? null : numbers;
        });
    }
}
