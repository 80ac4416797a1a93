package dev.holdfast.spi;

/**
 * The current holder of a lock, as the store knows it.
 *
 * @param value what the holder gave to {@link HABackend#lock}
 * @param token the token of its lease
 */
public record Holder(String value, long token) {}
