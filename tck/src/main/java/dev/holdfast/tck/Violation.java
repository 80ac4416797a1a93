package dev.holdfast.tck;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

/** What was seen and no lateness of this machine can explain, such as two holders, or a token that went down. */
public final class Violation extends AssertionError {
    private static final long serialVersionUID = 1L;

    /** @param seen for the report */
    public Violation(String seen) {
        super(seen);
    }

    /** Throws one when a checker has found something. */
    public static void throwIfAny(Optional<String> seen) {
        if (seen.isPresent()) {
            throw new Violation(seen.get());
        }
    }

    /** Whether a failure is one, came from one, or came about beside one. */
    static boolean isIn(Throwable failure) {
        return failure instanceof Violation
                || Stream.concat(Stream.ofNullable(failure.getCause()), Arrays.stream(failure.getSuppressed()))
                        .anyMatch(Violation::isIn);
    }
}
