package dev.holdfast.tck;

/**
 * Thrown by a check that has nothing to look at in this kind of store or with these capabilities, by its rule's own words;
 * the rule's other checks then decide. A check that could be made, but not by this harness, throws
 * {@link UnverifiedException} instead.
 */
public final class NotApplicableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param reason what there is nothing of, for the report */
    public NotApplicableException(String reason) {
        super(reason);
    }
}
