package dev.holdfast.server.cluster;

/** This build is too far from the one that led the cluster last; the message names both, and the way out. */
public final class UpgradeRefusedException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    UpgradeRefusedException(String message) {
        super(message);
    }
}
