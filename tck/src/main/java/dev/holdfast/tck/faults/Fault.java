package dev.holdfast.tck.faults;

/** A way in which a link can fail. */
public enum Fault {
    /** Connections are reset, new ones as soon as they are made. */
    RESET,
    /** Connections are reset, new ones are refused. */
    REFUSE,
    /** Nothing arrives either way; nobody is told. What was on its way arrives when the link heals. */
    BLACK_HOLE,
    /** As {@link #BLACK_HOLE}, and whoever connects gets no answer to that either, as in a partition of a network. */
    UNREACHABLE,
    /** What the client sends does not arrive; what the store sends does. */
    LOSE_REQUESTS,
    /** What the client sends arrives; what the store sends does not. */
    LOSE_REPLIES
}
