package dev.holdfast.tck.faults;

/**
 * What has gone over a link so far.
 *
 * @param turns how often a request followed an answer: for a client that waits for each answer, its requests; for one that
 *     does not, fewer
 * @param toStore bytes that clients sent; 0 where the link moves no bytes
 * @param toClient bytes that the store sent; 0 where the link moves no bytes
 */
public record Traffic(long turns, long toStore, long toClient) {
    /** What has gone since an earlier look at the same link. */
    public Traffic since(Traffic earlier) {
        return new Traffic(turns - earlier.turns, toStore - earlier.toStore, toClient - earlier.toClient);
    }

    /** Together with what went over another link. */
    public Traffic plus(Traffic other) {
        return new Traffic(turns + other.turns, toStore + other.toStore, toClient + other.toClient);
    }

    /** Both ways. */
    public long bytes() {
        return toStore + toClient;
    }
}
