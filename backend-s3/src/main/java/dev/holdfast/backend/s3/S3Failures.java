package dev.holdfast.backend.s3;

import org.jspecify.annotations.Nullable;

/** Failures that were found out here, not by S3 or its SDK; {@link S3Errors} says what they mean. */
final class S3Failures {
    private S3Failures() {}

    /** What was found out here, in words for a person. */
    abstract static class Told extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Told(String detail) {
            super(detail, null, false, false);
        }
    }

    /** A request that was never handed to any connection. */
    static final class NotSent extends Told {
        private static final long serialVersionUID = 1L;

        NotSent(String detail) {
            super(detail);
        }
    }

    /** An answer that does not say which version of the object it is about; what was asked for may be done. */
    static final class NoETag extends Told {
        private static final long serialVersionUID = 1L;

        NoETag() {
            super("the store answers without an ETag");
        }
    }

    /** A conditional write that is refused although the object is as the condition wants it; it was not done. */
    static final class Contradiction extends Told {
        private static final long serialVersionUID = 1L;

        Contradiction() {
            super("the store refuses a conditional write whose condition holds");
        }
    }

    /** No credentials to sign a request with. */
    static final class NoCredentials extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /**
         * @param why what to do about it, or who says no
         * @param cause null when that says it all
         */
        NoCredentials(String why, @Nullable RuntimeException cause) {
            super("no credentials were found: " + why, cause);
        }
    }

    /** No credentials yet, because who gives them did not answer, or only that it cannot; so nothing was sent to the store. */
    static final class NoCredentialsNow extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /** Nobody answered. */
        NoCredentialsNow(RuntimeException cause) {
            super("who gives the credentials did not answer", cause);
        }

        /** @param answer who answered, and how */
        NoCredentialsNow(String answer) {
            super("no credentials now: " + answer);
        }
    }
}
