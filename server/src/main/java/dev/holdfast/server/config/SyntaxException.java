package dev.holdfast.server.config;

/** A file that is neither HCL nor JSON; the message begins with the place. */
final class SyntaxException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SyntaxException(Place place, String problem) {
        super(place + ": " + problem);
    }
}
