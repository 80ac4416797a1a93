package dev.holdfast.server.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One request to {@code /v1/…}, taken apart. */
final class Call {
    private final Verb verb;
    private final String path;
    private final Map<String, String> query;
    private final String token;
    private final Content content;
    private boolean admitted;
    private byte @Nullable [] received;
    private @Nullable ObjectNode body;

    /** The body, which has perhaps not arrived yet. */
    interface Content {
        /** Reads all of it; called once. */
        byte[] read();

        /** Whether it is so short that it may be read for anybody. */
        default boolean isShort() {
            return true;
        }
    }

    /**
     * @param path decoded, without {@code /v1/}; may end in {@code /}
     * @param query decoded; the first value of each name
     * @param token empty when there is none
     */
    Call(Verb verb, String path, Map<String, String> query, String token, Content content) {
        this.verb = verb;
        this.path = path;
        this.query = query;
        this.token = token;
        this.content = content;
    }

    Verb verb() {
        return verb;
    }

    String path() {
        return path;
    }

    /** What follows a prefix of the path. */
    String pathAfter(String prefix) {
        return path.substring(prefix.length());
    }

    @Nullable
    String query(String name) {
        return query.get(name);
    }

    /** Whether a query parameter is there, and not {@code false}. */
    boolean flag(String name) {
        String value = query.get(name);
        return value != null && !value.equals("false") && !value.equals("0");
    }

    /** The client's token; empty when there is none. */
    String token() {
        return token;
    }

    /** Its token is a valid one. */
    void admit() {
        admitted = true;
    }

    /** Whether its token was found to be a valid one. */
    boolean isAdmitted() {
        return admitted;
    }

    /** Whether the body is so short that it may be read for anybody. */
    boolean isShort() {
        return content.isShort();
    }

    /** Waits for the body, which {@link #body} does otherwise. */
    byte[] receive() {
        byte[] known = received;
        if (known == null) {
            known = content.read();
            received = known;
        }
        return known;
    }

    /** The body as an object; an empty one when there is no body. */
    ObjectNode body() {
        ObjectNode read = body;
        if (read == null) {
            read = JsonText.parseObject(receive());
            body = read;
        }
        return read;
    }

    /** A text of the body; empty when it is not given. */
    String text(String name) {
        JsonNode value = body().get(name);
        if (value == null || value.isNull()) {
            return "";
        }
        if (!value.isTextual()) {
            throw Refusal.badRequest("'" + name + "' must be a string");
        }
        return value.asText();
    }

    /** A whole number of the body, which may be written as a string. */
    int number(String name, int otherwise) {
        JsonNode value = body().get(name);
        if (value == null || value.isNull()) {
            return otherwise;
        }
        try {
            return value.isTextual()
                    ? Integer.parseInt(value.asText())
                    : value.decimalValue().intValueExact();
        } catch (ArithmeticException | NumberFormatException e) {
            throw Refusal.badRequest("'" + name + "' must be a whole number");
        }
    }

    /** Whether the body asks for nothing under this name, as clients do that send all the fields that they know. */
    boolean isEmpty(String name) {
        JsonNode value = body().path(name);
        return switch (value.getNodeType()) {
            case MISSING, NULL -> true;
            case STRING -> value.asText().isEmpty();
            case NUMBER -> value.decimalValue().signum() == 0;
            case ARRAY, OBJECT -> value.isEmpty();
            default -> false;
        };
    }

    /** A truth value of the body. */
    boolean truth(String name) {
        JsonNode value = body().get(name);
        return value != null && value.asBoolean(false);
    }

    void only(Verb... allowed) {
        for (Verb one : allowed) {
            if (one == verb) {
                return;
            }
        }
        throw Refusal.unsupported();
    }
}
