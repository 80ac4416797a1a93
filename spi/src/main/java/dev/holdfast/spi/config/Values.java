package dev.holdfast.spi.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The readers behind {@link Option.Kind}. Messages say what is expected and never repeat the text. */
final class Values {
    private static final Pattern DURATION = Pattern.compile("(\\d+(?:\\.\\d+)?)(ns|us|µs|ms|s|m|h)");
    private static final Map<String, Long> NANOS = Map.of(
            "ns",
            1L,
            "us",
            1_000L,
            "µs",
            1_000L,
            "ms",
            1_000_000L,
            "s",
            1_000_000_000L,
            "m",
            60_000_000_000L,
            "h",
            3_600_000_000_000L);
    private static final Pattern SIZE = Pattern.compile("(\\d+) ?(b|k|kb|kib|m|mb|mib|g|gb|gib)?");

    private Values() {}

    static Integer integer(String text) {
        try {
            return Integer.valueOf(text.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("expected a whole number", e);
        }
    }

    static Boolean bool(String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("expected true or false");
        };
    }

    static Duration duration(String text) {
        String trimmed = text.strip();
        String complete = trimmed.matches("\\d+(\\.\\d+)?") ? trimmed + "s" : trimmed;
        Matcher matcher = DURATION.matcher(complete);
        BigDecimal nanos = BigDecimal.ZERO;
        int end = 0;
        while (end < complete.length() && matcher.find(end) && matcher.start() == end) {
            long unit = NANOS.getOrDefault(matcher.group(2), 0L);
            nanos = nanos.add(new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit)));
            end = matcher.end();
        }
        if (complete.isEmpty() || end != complete.length() || nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw new IllegalArgumentException("expected a time such as 500ms, 5s or 1m30s");
        }
        return Duration.ofNanos(nanos.longValue());
    }

    static Long size(String text) {
        Matcher matcher = SIZE.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new IllegalArgumentException("expected a size such as 512, 64KiB or 1MiB");
        }
        String unit = matcher.group(2) == null ? "b" : matcher.group(2);
        int shift = "bkmg".indexOf(unit.charAt(0)) * 10;
        try {
            return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << shift);
        } catch (ArithmeticException | NumberFormatException e) {
            throw new IllegalArgumentException("the size is larger than 8 EiB", e);
        }
    }

    static List<Endpoint> endpoints(String text) {
        List<Endpoint> endpoints = Stream.of(text.split(","))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .map(Endpoint::parse)
                .toList();
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("expected at least one [scheme://]host:port");
        }
        return endpoints;
    }
}
