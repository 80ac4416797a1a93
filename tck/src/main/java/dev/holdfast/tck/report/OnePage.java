package dev.holdfast.tck.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A report as one page that needs nothing else: no network, no other file. The template has places such as
 * <code>{{title}}</code>, and a content security policy with the places {@code style-hash} and {@code script-hash}, so
 * that nothing runs but its own script, whatever a store may have said.
 */
public final class OnePage {
    private static final Pattern PLACE = Pattern.compile("\\{\\{([a-z-]+)}}");

    private OnePage() {}

    /**
     * Fills a template in; the style, the script, their hashes and the JSON find their places by themselves.
     *
     * @param owner whose resources the template, the style sheet and the scripts are
     * @param json what the script reads, in an element of its own
     * @param parts HTML for each other place
     */
    public static String of(
            Class<?> owner,
            String template,
            String styleSheet,
            List<String> scripts,
            String json,
            Map<String, String> parts) {
        String style = resource(owner, styleSheet);
        String script = scripts.stream().map(name -> resource(owner, name)).collect(Collectors.joining());
        Map<String, String> all = new HashMap<>(parts);
        all.put("style", style);
        all.put("style-hash", hash(style));
        all.put("script", script);
        all.put("script-hash", hash(script));
        all.put("json", json.replace("<", "\\u003c"));
        // In one pass, so that nothing that is filled in is taken for a place.
        return PLACE.matcher(resource(owner, template))
                .replaceAll(place -> Matcher.quoteReplacement(Objects.requireNonNull(all.get(place.group(1)))));
    }

    /** Text as it reads; also good in an attribute between double quotes. */
    public static String text(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    private static String resource(Class<?> owner, String name) {
        try (InputStream in = owner.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }
}
