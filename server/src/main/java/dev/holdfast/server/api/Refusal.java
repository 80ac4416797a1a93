package dev.holdfast.server.api;

/** A request that is answered with an error. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    Refusal(int status, String message) {
        super(message, null, false, false);
        this.status = status;
    }

    static Refusal badRequest(String message) {
        return new Refusal(400, message);
    }

    static Refusal denied() {
        return new Refusal(403, "permission denied");
    }

    static Refusal unsupported() {
        return new Refusal(405, "unsupported operation");
    }

    static Refusal noRoute(String path) {
        return new Refusal(404, "no handler for route \"" + path + "\". route entry not found.");
    }

    Answer answer() {
        Answer answer = Answer.error(status, String.valueOf(getMessage()));
        return status == 503 ? answer.with("Retry-After", "1") : answer;
    }
}
