package dev.holdfast.server.config;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads HCL as configuration files use it: blocks with labels, attributes, strings with escapes, here-documents, numbers,
 * truth values, lists, objects and the three kinds of comment. Nothing is evaluated: {@code ${…}} is text.
 *
 * <p>It is our own because hcl4j 0.9.8 keeps no lines for what it has parsed, drops a block whose brace is missing without
 * a word, and calls functions that a file names; each of these is worse in a server's configuration than 200 lines.
 */
final class Hcl {
    private final HclScanner in;

    private Hcl(String file, String text) {
        in = new HclScanner(file, text);
    }

    /** @throws SyntaxException naming file and line */
    static Syntax.Body parse(String file, String text) {
        Hcl parser = new Hcl(file, text);
        return parser.body(new Place(file, 1), false);
    }

    private Syntax.Body body(Place opened, boolean braced) {
        List<Syntax.Entry> entries = new ArrayList<>();
        while (true) {
            in.skipBlank();
            if (in.atEnd()) {
                if (braced) {
                    throw new SyntaxException(opened, "the block that begins here is never closed with '}'");
                }
                return new Syntax.Body(opened, entries);
            }
            if (in.take('}')) {
                if (!braced) {
                    throw in.error("'}' closes nothing");
                }
                return new Syntax.Body(opened, entries);
            }
            entries.add(entry());
            in.skipSpace();
            boolean unused = in.take(',');
        }
    }

    private Syntax.Entry entry() {
        Place place = in.place();
        String key = name("a name");
        List<Label> labels = new ArrayList<>();
        while (true) {
            in.skipSpace();
            if (in.take('{')) {
                Syntax inner = body(place, true);
                for (int i = labels.size() - 1; i >= 0; i--) {
                    Label label = labels.get(i);
                    inner = new Syntax.Body(place, List.of(new Syntax.Entry(label.place, label.text, inner)));
                }
                return new Syntax.Entry(place, key, inner);
            }
            if (labels.isEmpty() && (in.take('=') || in.take(':'))) {
                in.skipBlank();
                return new Syntax.Entry(place, key, value(key));
            }
            if (in.atEnd() || in.peek() == '\n') {
                throw in.error("after '" + key + "' there must be '=' and a value, or a block in braces");
            }
            labels.add(new Label(in.place(), name("'=', '{' or a label in quotes")));
        }
    }

    private record Label(Place place, String text) {}

    private String name(String expected) {
        return in.peek() == '"' ? in.string() : in.identifier(expected);
    }

    private Syntax value(String key) {
        Place place = in.place();
        if (in.atEnd()) {
            throw in.error("'" + key + "' has no value");
        }
        if (in.peek() == '"') {
            return new Syntax.Scalar(place, in.string());
        }
        if (in.startsWith("<<")) {
            return new Syntax.Scalar(place, in.hereDocument());
        }
        if (in.take('[')) {
            return sequence(place, key);
        }
        if (in.take('{')) {
            return body(place, true);
        }
        return new Syntax.Scalar(place, in.numberOrTruth(key));
    }

    private Syntax sequence(Place opened, String key) {
        List<Syntax> items = new ArrayList<>();
        while (true) {
            in.skipBlank();
            if (in.atEnd()) {
                throw new SyntaxException(opened, "the list '" + key + "' that begins here is never closed with ']'");
            }
            if (in.take(']')) {
                return new Syntax.Sequence(opened, items);
            }
            items.add(value(key));
            in.skipBlank();
            if (!in.take(',') && !in.atEnd() && in.peek() != ']') {
                throw in.error("between the items of the list '" + key + "' there must be a comma");
            }
        }
    }
}
