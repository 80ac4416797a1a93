package dev.holdfast.bench.raw;

/**
 * The least that a hand-off costs: one commit of one client and the event that tells another one of it; and where others
 * wait behind that one, its question who is ahead of it now.
 */
public interface RawWatch extends AutoCloseable {
    /** Makes what is changed then, so that the commit is all that is left to do. */
    void prepare() throws Exception;

    /**
     * Changes what was prepared, and waits until the other client was told.
     *
     * @return nanoseconds from before the commit was sent to when the event had arrived, or the answer to the question
     */
    long commitToEvent() throws Exception;

    @Override
    void close();
}
