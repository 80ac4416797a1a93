package dev.holdfast.tck.history;

import dev.holdfast.spi.Key;

/**
 * What is certain about one lease, seen from outside. Times are nanoseconds on the clock of its {@link LockHistory};
 * {@link #NEVER} stands for what was not seen to happen.
 *
 * <p>Each time is taken on that side of its event which makes the interval smaller: what two holds prove together is
 * then a violation and not an accident of measuring.
 *
 * @param contender who won it
 * @param lock what was won
 * @param token its token
 * @param asked before {@code acquire} was called
 * @param from after {@code acquire} had returned
 * @param until before the last {@code isHeld()} that answered true; {@link #from} when none was seen
 * @param open before the last look at {@code lost()} that found it incomplete while nobody had called
 *     {@code release()}; {@link #from} when none was made
 * @param lost after {@code lost()} had completed
 * @param releasing before {@code release()} was called
 * @param released after {@code release()} had returned normally
 */
public record Hold(
        String contender,
        Key lock,
        long token,
        long asked,
        long from,
        long until,
        long open,
        long lost,
        long releasing,
        long released) {
    /** The time of what was not seen to happen. */
    public static final long NEVER = Long.MAX_VALUE;

    /** Whether it was seen held at all; a lease may be over when {@code acquire} returns. */
    boolean seenHeld() {
        return until > from;
    }

    /** Whether it was certainly held at every moment of this time. */
    boolean coversCertainly(long began, long ended) {
        return from < began && ended < until;
    }

    /** The same, last seen held and its loss last seen not told at these times. */
    Hold until(long held, long notTold) {
        return new Hold(contender, lock, token, asked, from, held, notTold, lost, releasing, released);
    }

    /** How it ended, in words. */
    String end() {
        String release = releasing == NEVER
                ? ""
                : released == NEVER ? ", release() called at " + at(releasing) : ", released by " + at(released);
        return (lost == NEVER ? "" : ", lost() seen complete at " + at(lost)) + release;
    }

    /** One line for a message. */
    String describe() {
        return String.format(
                "%-12s token %-6d asked %s, acquired by %s, last seen held at %s%s",
                contender, token, at(asked), at(from), seenHeld() ? at(until) : "no time", end());
    }

    /** A time of a history in a message. */
    static String at(long nanos) {
        return String.format(java.util.Locale.ROOT, "%.3f ms", nanos / 1e6);
    }
}
