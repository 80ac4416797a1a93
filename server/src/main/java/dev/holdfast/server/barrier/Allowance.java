package dev.holdfast.server.barrier;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How often the newest key may be used before more uses have to be written down. They are written down before the first of
 * them, so that a node that is killed leaves a count that is too high rather than too low.
 */
final class Allowance {
    /** How many uses are written down at once. */
    static final int STEP = 1 << 16;

    /**
     * How often a key is used at most. NIST SP 800-38D, 8.3, allows twice as much with random nonces; the rest is for a
     * count that was written without an answer and arrives after later ones.
     */
    static final long MOST = 1L << 31;

    private static final long UNKNOWN = -1;

    private final Keyring keys;
    private final long bound;
    private final AtomicLong left;

    private Allowance(Keyring keys, long bound, long left) {
        this.keys = keys;
        this.bound = bound;
        this.left = new AtomicLong(left);
    }

    /** None, for a key of which storage knows how often it was used. */
    static Allowance unknown(Keyring keys) {
        return new Allowance(keys, UNKNOWN, 0);
    }

    /** None, for a key that was never used. */
    static Allowance unused(Keyring keys) {
        return new Allowance(keys, 0, 0);
    }

    /** The last {@link #STEP} uses up to a bound that was written down. */
    static Allowance upTo(Keyring keys, long bound) {
        return new Allowance(keys, bound, STEP);
    }

    Keyring keys() {
        return keys;
    }

    boolean isKnown() {
        return bound != UNKNOWN;
    }

    /** What was written down; of use when it is known. */
    long bound() {
        return bound;
    }

    /** How often the key was used at most, as far as this node knows. */
    long used() {
        return Math.max(0, bound - Math.max(0, left.get()));
    }

    /** Whether the newest key may be used once. */
    boolean take() {
        return left.get() > 0 && left.getAndDecrement() > 0;
    }
}
