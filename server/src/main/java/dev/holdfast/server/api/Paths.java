package dev.holdfast.server.api;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Decodes paths and queries, once, and refuses what has more than one meaning. */
final class Paths {
    private Paths() {}

    /** The path with its percent signs decoded. */
    static String decode(String raw) {
        return decode(raw, false);
    }

    /** A decoded path for a log: what could begin a line there, or hide one, is not shown. */
    static String printable(String path) {
        return path.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", "?");
    }

    /** The first value of each name. */
    static Map<String, String> query(@Nullable String raw) {
        Map<String, String> values = new LinkedHashMap<>();
        if (raw == null || raw.isEmpty()) {
            return values;
        }
        for (String pair : raw.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = decode(equals < 0 ? pair : pair.substring(0, equals), true);
            if (!name.isEmpty()) {
                values.putIfAbsent(name, equals < 0 ? "" : decode(pair.substring(equals + 1), true));
            }
        }
        return values;
    }

    private static String decode(String raw, boolean plusIsSpace) {
        if (raw.indexOf('%') < 0 && (!plusIsSpace || raw.indexOf('+') < 0)) {
            return raw;
        }
        byte[] bytes = raw.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream decoded = new ByteArrayOutputStream(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '%') {
                boolean whole = i + 2 < bytes.length;
                int high = whole ? Character.digit(bytes[i + 1], 16) : -1;
                int low = whole ? Character.digit(bytes[i + 2], 16) : -1;
                if (high < 0 || low < 0) {
                    throw Refusal.badRequest("a '%' in the path or query is not followed by two hexadecimal digits");
                }
                decoded.write(high << 4 | low);
                i += 2;
            } else {
                decoded.write(plusIsSpace && bytes[i] == '+' ? ' ' : bytes[i]);
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(decoded.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw Refusal.badRequest("the path or query is not UTF-8");
        }
    }
}
