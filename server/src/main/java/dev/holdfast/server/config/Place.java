package dev.holdfast.server.config;

/**
 * Where something was written.
 *
 * @param file the file's name as the user gave it
 * @param line counted from 1
 */
public record Place(String file, int line) {
    /** {@code file:line}, which editors and terminals understand. */
    @Override
    public String toString() {
        return file + ":" + line;
    }
}
