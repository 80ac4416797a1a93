package dev.holdfast.spi;

/**
 * Why a lease ended without being released.
 *
 * @param reason the kind of loss
 * @param detail one sentence for an operator
 */
public record Loss(Reason reason, String detail) {
    /** The kinds of loss. */
    public enum Reason {
        /** No renewal was acknowledged in time. The store may still be counting, but this holder must stop. */
        EXPIRED,
        /** The store says that the lease is gone: its session was revoked or expired, or the lock was deleted. */
        REVOKED,
        /** The backend was closed while the lease was held. */
        CLOSED
    }
}
