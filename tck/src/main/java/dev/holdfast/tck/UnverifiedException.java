package dev.holdfast.tck;

/** Thrown by a check that cannot be made here; its rule is then {@link Outcome#UNVERIFIED} and never green. */
public final class UnverifiedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param reason what is missing, for the report */
    public UnverifiedException(String reason) {
        super(reason);
    }
}
