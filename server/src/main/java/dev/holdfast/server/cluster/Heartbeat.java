package dev.holdfast.server.cluster;

import java.util.List;

/**
 * What a standby knows from the last time that the active answered it.
 *
 * @param token of the active's term
 * @param keyTerm the newest key that it uses
 * @param nanos when it was sent, on the monotonic clock
 * @param roundTripMillis how long the answer took
 * @param clockSkewMillis how far the active's clock is ahead of this one's
 * @param members the nodes that the active knew then
 */
public record Heartbeat(
        long token, int keyTerm, long nanos, long roundTripMillis, long clockSkewMillis, List<Member> members) {
    /** How long ago it was. */
    public long ageMillis() {
        return (System.nanoTime() - nanos) / 1_000_000;
    }
}
