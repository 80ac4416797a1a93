package dev.holdfast.tck.report;

import dev.holdfast.tck.Outcome;
import java.util.Locale;
import java.util.regex.Pattern;

/** Pieces of HTML that every part of the page needs. Everything that is not written here goes through {@link #text}. */
final class Html {
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern HUMP = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])");

    private Html() {}

    /** As it reads; also good in an attribute between double quotes. */
    static String text(String text) {
        return OnePage.text(text);
    }

    /** As {@link #text}, with what is in backticks as code. */
    static String prose(String markdown) {
        return CODE.matcher(text(markdown)).replaceAll("<code>$1</code>");
    }

    /** The name of a method as words. */
    static String words(String name) {
        return name.contains(" ")
                ? text(name)
                : text(HUMP.matcher(name).replaceAll(" ").toLowerCase(Locale.ROOT));
    }

    static String icon(String name) {
        return "<svg class=\"icon\" aria-hidden=\"true\"><use href=\"#i-" + name + "\"/></svg>";
    }

    /** The name of a class in the style sheet, and of an icon. */
    static String css(Outcome outcome) {
        return outcome.name().toLowerCase(Locale.ROOT);
    }

    static String badge(Outcome outcome) {
        return "<span class=\"badge " + css(outcome) + "\">" + icon(css(outcome)) + outcome + "</span>";
    }

    static String time(long millis) {
        if (millis < 1) {
            return "&lt; 1 ms";
        }
        return millis < 1_000 ? millis + " ms" : String.format(Locale.ROOT, "%.1f s", millis / 1e3);
    }

    /** {@code 1 lease}, {@code 2 leases}. */
    static String count(int number, String one) {
        return number + " " + one + (number == 1 ? "" : "s");
    }
}
