package dev.holdfast.tck.history;

import dev.holdfast.spi.Key;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Decides whether a history of leases was allowed to happen. Each check answers with the first violation, and with
 * nothing when none is certain: times that merely touch prove nothing, because a clock may give the same time twice.
 */
public final class LockChecker {
    private static final Comparator<Hold> BY_START = Comparator.comparingLong(Hold::from);

    private LockChecker() {}

    /** Two leases of one lock that were held at the same time (rule HA-01). */
    public static Optional<String> overlap(Collection<Hold> history) {
        return firstOf(history, LockChecker::overlapOfOneLock);
    }

    private static Optional<String> overlapOfOneLock(List<Hold> holds) {
        Hold longest = null;
        for (Hold hold : holds) {
            if (!hold.seenHeld()) {
                continue;
            }
            if (longest != null && hold.from() < longest.until()) {
                long shared = Math.min(longest.until(), hold.until()) - hold.from();
                return Optional.of("two contenders held lock '" + hold.lock() + "' at once, for " + Hold.at(shared)
                        + " at least:\n  " + longest.describe() + "\n  " + hold.describe());
            }
            longest = longest == null || hold.until() > longest.until() ? hold : longest;
        }
        return Optional.empty();
    }

    /** A lease whose token is not above that of an earlier one (rule FN-01). */
    public static Optional<String> tokenOrder(Collection<Hold> history) {
        return firstOf(history, LockChecker::tokenOrderOfOneLock);
    }

    private static Optional<String> tokenOrderOfOneLock(List<Hold> holds) {
        Map<Long, Hold> tokens = new HashMap<>();
        Hold highest =
                null; // of those that were seen held, which is what puts two that were asked for together in order
        for (Hold hold : holds) {
            if (hold.token() < 1) {
                return Optional.of("a token of lock '" + hold.lock() + "' is below 1:\n  " + hold.describe());
            }
            Hold same = tokens.put(hold.token(), hold);
            if (same != null) {
                return Optional.of("two leases of lock '" + hold.lock() + "' have one token:\n  " + same.describe()
                        + "\n  " + hold.describe());
            }
            if (highest != null && highest.token() > hold.token() && isBefore(highest, hold)) {
                return Optional.of("a later lease of lock '" + hold.lock() + "' has a lower token:\n  "
                        + highest.describe() + "\n  " + hold.describe());
            }
            if (hold.seenHeld() && (highest == null || hold.token() > highest.token())) {
                highest = hold;
            }
        }
        return Optional.empty();
    }

    /** A lease that was never seen held may have been won before another that was asked for at the same time. */
    private static boolean isBefore(Hold first, Hold second) {
        return first.from() < (second.seenHeld() ? second.from() : second.asked());
    }

    /**
     * A lease of which the holder learned only after a rival had won that it was lost (rule LO-02).
     *
     * @param stillHeld whether {@code isHeld()} was late, which only a wrong clock or deadline can be; otherwise
     *     {@code lost()} was, which may also be the work of a busy machine
     */
    public record LateLoss(Hold holder, Hold rival, boolean stillHeld) {
        /** How late {@code lost()} was seen to complete, at most; {@link Hold#NEVER} when it never was. */
        public long late() {
            return holder.lost() == Hold.NEVER ? Hold.NEVER : holder.lost() - rival.from();
        }

        @Override
        public String toString() {
            return (stillHeld
                            ? "isHeld() still answered true " + Hold.at(holder.until() - rival.from())
                            : "lost() was still incomplete " + Hold.at(holder.open() - rival.from()))
                    + " after a rival's acquire of lock '" + rival.lock() + "' had returned:\n  " + holder.describe()
                    + "\n  " + rival.describe();
        }
    }

    /** The first loss that was told too late. */
    public static Optional<String> lateLoss(Collection<Hold> history) {
        return lateLosses(history).stream().findFirst().map(LateLoss::toString);
    }

    /** All losses that were told too late. */
    public static List<LateLoss> lateLosses(Collection<Hold> history) {
        List<LateLoss> late = new ArrayList<>();
        byLock(history).values().forEach(holds -> {
            for (int i = 0; i + 1 < holds.size(); i++) {
                Hold holder = holds.get(i);
                Hold rival = holds.get(i + 1);
                if (holder.until() > rival.from() || holder.open() > rival.from()) {
                    late.add(new LateLoss(holder, rival, holder.until() > rival.from()));
                }
            }
        });
        return late;
    }

    /** How long before the next holder's acquire returned each lost lease, which nobody was releasing, had been seen lost. */
    public static List<Duration> lossMargins(Collection<Hold> history) {
        List<Duration> margins = new ArrayList<>();
        byLock(history).values().forEach(holds -> {
            for (int i = 0; i + 1 < holds.size(); i++) {
                Hold holder = holds.get(i);
                if (holder.lost() != Hold.NEVER && holder.releasing() > holder.lost()) {
                    margins.add(Duration.ofNanos(holds.get(i + 1).from() - holder.lost()));
                }
            }
        });
        return margins;
    }

    /**
     * How long after each release the next holder's acquire returned, where that had been called before the release. A
     * lease that was lost and released too late was handed on by its expiry.
     */
    public static List<Duration> handOffs(Collection<Hold> history) {
        List<Duration> gaps = new ArrayList<>();
        pairs(history, (before, next) -> {
            if (before.lost() == Hold.NEVER
                    && before.released() != Hold.NEVER
                    && next.asked() < before.releasing()
                    && next.from() >= before.releasing()) {
                gaps.add(Duration.ofNanos(next.from() - before.releasing()));
            }
        });
        return gaps;
    }

    /** How long after each lease that nobody released was seen held for the last time the next one was won. */
    public static List<Duration> failovers(Collection<Hold> history) {
        List<Duration> gaps = new ArrayList<>();
        pairs(history, (before, next) -> {
            if (before.releasing() == Hold.NEVER && before.seenHeld()) {
                gaps.add(Duration.ofNanos(next.from() - before.until()));
            }
        });
        return gaps;
    }

    private static void pairs(Collection<Hold> history, BiConsumer<Hold, Hold> pair) {
        byLock(history).values().forEach(holds -> {
            for (int i = 0; i + 1 < holds.size(); i++) {
                pair.accept(holds.get(i), holds.get(i + 1));
            }
        });
    }

    /** The longest time from a release to the next acquire, among hand-offs that began at {@code since} or later. */
    public static OptionalLong longestHandOff(Collection<Hold> history, long since) {
        List<Long> gaps = new ArrayList<>();
        byLock(history).values().forEach(holds -> {
            for (int i = 0; i + 1 < holds.size(); i++) {
                long released = holds.get(i).released();
                if (released != Hold.NEVER && released >= since) {
                    gaps.add(holds.get(i + 1).from() - released);
                }
            }
        });
        return gaps.stream().mapToLong(Long::longValue).max();
    }

    private static Optional<String> firstOf(Collection<Hold> history, Function<List<Hold>, Optional<String>> check) {
        return byLock(history).values().stream()
                .flatMap(holds -> check.apply(holds).stream())
                .findFirst();
    }

    private static Map<Key, List<Hold>> byLock(Collection<Hold> history) {
        return history.stream().sorted(BY_START).collect(Collectors.groupingBy(Hold::lock));
    }
}
