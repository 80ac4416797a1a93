package dev.holdfast.server.cluster;

/** How long each part of something took, for people. Used by one thread. */
final class Laps {
    private final long began = System.nanoTime();
    private final StringBuilder parts = new StringBuilder();
    private long last = began;

    void done(String part) {
        long now = System.nanoTime();
        parts.append(parts.length() == 0 ? "" : ", ").append(part).append(' ').append((now - last) / 1_000_000);
        last = now;
    }

    @Override
    public String toString() {
        return (last - began) / 1_000_000 + " ms (" + parts + ")";
    }
}
