package dev.holdfast.spi;

/**
 * The largest things that one instance accepts. Exactly the limit is accepted, one more is refused with
 * {@link BackendException.LimitExceeded} before anything is sent (rule ER-01).
 *
 * @param maxKeyBytes the longest key, in bytes of UTF-8
 * @param maxValueBytes the longest value, in bytes
 * @param maxMutations the most mutations in one commit; 1 where commits are not supported
 * @param maxCommitBytes the most bytes in one commit: the sum of the lengths of all its keys and values
 */
public record Limits(int maxKeyBytes, int maxValueBytes, int maxMutations, long maxCommitBytes) {
    /** @throws IllegalArgumentException when a limit is below 1, or one entry at the limits would not fit a commit */
    public Limits {
        if (maxKeyBytes < 1 || maxValueBytes < 1 || maxMutations < 1) {
            throw new IllegalArgumentException("every limit must be at least 1");
        }
        if (maxCommitBytes < (long) maxKeyBytes + maxValueBytes) {
            throw new IllegalArgumentException("maxCommitBytes " + maxCommitBytes
                    + " is below maxKeyBytes + maxValueBytes, so the largest entry could not be committed");
        }
    }
}
