package dev.holdfast.tck.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.holdfast.tck.history.Hold;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who held what when, as recorded by one {@link dev.holdfast.tck.history.LockHistory}, cut to what a page can show. Its
 * fields are those of the JSON that {@code tck/REPORT.md} describes. Times are nanoseconds on the clock of the history,
 * the same as in the messages of a failed check; null is what was not seen to happen.
 *
 * @param from where the picture begins; may be negative for a fault that stood before the history began
 * @param to where it ends
 * @param lanes one for each contender, or for each contender and lock where several locks were held at once
 * @param holds the leases in the windows, in the order in which they were won
 * @param attempts requests in the windows that ended without a lease
 * @param faults what was done to links and the store
 * @param violations what should not be
 * @param windows the parts to draw: close-ups, then others by time; one that covers everything where that can be read
 * @param overview how the leases are spread over the whole; null where one window shows everything
 * @param left what was cut off
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Timeline(
        long from,
        long to,
        List<Lane> lanes,
        List<Span> holds,
        List<Attempt> attempts,
        List<FaultSpan> faults,
        List<Violation> violations,
        List<Window> windows,
        @Nullable Overview overview,
        Left left) {

    /**
     * A contender's row.
     *
     * @param lock null where the lanes are those of contenders, whatever they contend for
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Lane(String contender, @Nullable String lock) {}

    /** A lease: the times of {@link Hold}, in its {@code lane}, counted from 0. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Span(
            int lane,
            String lock,
            long token,
            long asked,
            long from,
            long until,
            long open,
            @Nullable Long lost,
            @Nullable Long releasing,
            @Nullable Long released) {
        static Span of(int lane, Hold hold) {
            return new Span(
                    lane,
                    hold.lock().path(),
                    hold.token(),
                    hold.asked(),
                    hold.from(),
                    hold.until(),
                    hold.open(),
                    seen(hold.lost()),
                    seen(hold.releasing()),
                    seen(hold.released()));
        }

        private static @Nullable Long seen(long time) {
            return time == Hold.NEVER ? null : time;
        }
    }

    /** A request that ended without a lease, and how. */
    public record Attempt(int lane, String lock, long from, long to, String end) {}

    /**
     * A fault while it stood.
     *
     * @param target what was hit, such as a contender's link or the store
     * @param lanes the lanes of the contender that was hit; empty when it may concern all
     */
    public record FaultSpan(String target, String what, List<Integer> lanes, long from, long to) {}

    /** What two leases prove together. */
    public record Violation(Kind kind, String lock, int firstLane, int secondLane, long from, long to) {
        /** Ways in which two leases can be wrong. */
        public enum Kind {
            /** Both were held. */
            OVERLAP,
            /**
             * The first one's {@code lost()} was incomplete, or its {@code isHeld()} true, when the second had been won. A
             * busy machine can make a signal late, too; the check decides.
             */
            LATE_LOSS
        }
    }

    /** A part of the time to be drawn. */
    public record Window(long from, long to, String title) {}

    /** How many leases were won in each {@code step} nanoseconds from the beginning. */
    public record Overview(long step, List<Integer> won) {}

    /** How many of each are not in this picture. */
    public record Left(int lanes, int holds, int attempts, int faults, int violations) {
        boolean any() {
            return lanes + holds + attempts + faults + violations > 0;
        }
    }
}
