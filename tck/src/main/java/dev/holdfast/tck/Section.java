package dev.holdfast.tck;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A part of a page in Markdown that is written by the kit, between two marks; the rest is a person's. */
record Section(String beginning, String end) {
    static Section of(String name) {
        return new Section("<!-- " + name + " -->\n", "<!-- end of " + name + " -->\n");
    }

    /** Whether a page has a place for it. */
    boolean isIn(String text) {
        int start = text.indexOf(beginning);
        return start >= 0 && text.indexOf(end, start) >= 0;
    }

    /** The text of a page with this section renewed. */
    String renewed(String text, String content) {
        int start = text.indexOf(beginning) + beginning.length();
        return text.substring(0, start) + content + text.substring(text.indexOf(end, start));
    }

    /** Renews the section in a page; in one that has none, at its end. */
    void replaceIn(Path page, String content) {
        try {
            String text = Files.exists(page) ? Files.readString(page) : "";
            String with = isIn(text) ? text : text + (text.isEmpty() ? "" : "\n") + beginning + end;
            Path unused = Files.writeString(page, renewed(with, content));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
