package dev.holdfast.server.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.InvalidKeyException;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.Prefix;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** KV version 1 at {@code secret/}. */
final class Kv {
    static final String MOUNT = "secret/";
    private static final String ROOT = "logical/secret/";
    private static final long DEFAULT_LEASE_SECONDS = 768 * 3_600;
    private static final Pattern TTL = Pattern.compile("(\\d{1,9})([smhd]?)");

    private Kv() {}

    static Answer handle(Call call, Session session) {
        Token unused = session.authenticate(call);
        String name = call.pathAfter(MOUNT);
        Backend storage = session.storage();
        return switch (call.verb()) {
            case READ -> read(storage, name);
            case LIST -> list(storage, name);
            case WRITE -> write(storage, name, call.body());
            case DELETE -> {
                storage.delete(key(name));
                yield Answer.noContent();
            }
        };
    }

    private static Answer read(Backend storage, String name) {
        if (name.isEmpty() || name.endsWith("/")) {
            return Answer.absent();
        }
        Optional<Entry> entry = storage.get(key(name));
        if (entry.isEmpty()) {
            return Answer.absent();
        }
        ObjectNode data = parse(entry.get());
        return Answer.ok(Envelope.of(data, leaseSeconds(data)).put("mount_type", "kv"));
    }

    private static ObjectNode parse(Entry entry) {
        try {
            return JsonText.stored(entry.value());
        } catch (IOException | ClassCastException e) {
            throw new BackendException.Corrupt(
                    Operation.at("api", "encrypted storage").on("get", entry.key()), "it is no JSON object", null);
        }
    }

    private static Answer write(Backend storage, String name, ObjectNode body) {
        if (name.endsWith("/")) {
            throw Refusal.badRequest("cannot write to a path ending in '/'");
        }
        Key key = key(name);
        if (body.isEmpty()) {
            throw Refusal.badRequest("missing data fields");
        }
        storage.put(Entry.of(key, JsonText.bytes(body)));
        return Answer.noContent();
    }

    private static Answer list(Backend storage, String name) {
        List<String> names = storage.list(prefix(name));
        if (names.isEmpty()) {
            return Answer.absent();
        }
        ObjectNode data = JsonText.object();
        ArrayNode keys = data.putArray("keys");
        names.forEach(keys::add);
        return Answer.ok(Envelope.of(data));
    }

    private static Prefix prefix(String name) {
        try {
            return Prefix.of(ROOT + (name.isEmpty() || name.endsWith("/") ? name : name + "/"));
        } catch (InvalidKeyException e) {
            throw Refusal.badRequest(problem(e));
        }
    }

    private static Key key(String name) {
        if (name.isEmpty()) {
            throw Refusal.unsupported();
        }
        try {
            return Key.of(ROOT + name);
        } catch (InvalidKeyException e) {
            throw Refusal.badRequest(problem(e));
        }
    }

    private static String problem(InvalidKeyException e) {
        return String.valueOf(e.getMessage()).replace(ROOT, MOUNT);
    }

    /** What the writer asked readers for, in a field {@code ttl} or {@code lease}. */
    private static long leaseSeconds(ObjectNode data) {
        for (String field : List.of("ttl", "lease")) {
            JsonNode value = data.get(field);
            Matcher ttl = TTL.matcher(value == null || !value.isValueNode() ? "" : value.asText());
            if (ttl.matches()) {
                long unit = switch (ttl.group(2)) {
                    case "m" -> 60;
                    case "h" -> 3_600;
                    case "d" -> 86_400;
                    default -> 1;
                };
                return Long.parseLong(ttl.group(1)) * unit;
            }
        }
        return DEFAULT_LEASE_SECONDS;
    }
}
