package dev.holdfast.tck;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Which rules to run, as a user writes it: {@code HA-01,LS,KV-0*}; nothing means all. */
final class RuleFilter {
    private RuleFilter() {}

    /** @throws IllegalArgumentException when a part matches no rule, naming the nearest or all */
    static List<Rule> parse(String text) {
        List<Rule> all = List.of(Rule.values());
        List<String> parts = Arrays.stream(text.split(","))
                .map(part -> part.strip().toUpperCase(Locale.ROOT))
                .filter(part -> !part.isEmpty())
                .toList();
        for (String part : parts) {
            if (all.stream().noneMatch(rule -> matches(rule, part))) {
                Rule unused = Rule.of(part); // throws, naming the nearest and all
            }
        }
        return parts.isEmpty()
                ? all
                : all.stream()
                        .filter(rule -> parts.stream().anyMatch(part -> matches(rule, part)))
                        .toList();
    }

    private static boolean matches(Rule rule, String part) {
        return part.endsWith("*")
                ? rule.id().startsWith(part.substring(0, part.length() - 1))
                : rule.id().equals(part) || rule.area().name().equals(part);
    }
}
